/**
 * How the fields of the documents are kept. Figures are doubles even where the first one seen is whole, or the ones after
 * it would be cut off; counts are whole numbers. Texts are found whole, and word by word where people wrote them.
 */
export function indexTemplateOf(prefix: string): object {
  const kept = (name: string, match: object, type: string, more: object = {}): object => ({
    [name]: { ...match, mapping: { type, ...more } },
  });
  return {
    index_patterns: [`${prefix}-*`],
    // Above those that come with the servers.
    priority: 500,
    template: {
      settings: { number_of_shards: 1 },
      mappings: {
        date_detection: false,
        dynamic_templates: [
          kept("counts", { path_match: "counts.*", match_mapping_type: "long" }, "long"),
          kept("whole", { match_mapping_type: "long" }, "double"),
          kept("fractions", { match_mapping_type: "double" }, "double"),
          kept("texts", { match_mapping_type: "string" }, "keyword", { ignore_above: 1024 }),
        ],
        properties: {
          "@timestamp": { type: "date" },
          startedAt: { type: "date" },
          text: { type: "text" },
          question: { type: "text" },
          answer: { type: "text" },
        },
      },
    },
  };
}
