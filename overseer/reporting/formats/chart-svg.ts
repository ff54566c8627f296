import { type EChartsCoreOption, init } from "echarts";
import { formatValue } from "../content/charts.ts";
import type { Chart } from "../content/content.ts";
import { chartOption, themed } from "./chart-option.ts";
import { lightPalette } from "./palette.ts";

const width = 960;
const height = 360;
/** Of the labels' font, on the average and a little more. */
const pixelsPerCharacter = 6.5;

/** A still picture on a white ground, for viewers that know nothing of themes. */
export function chartSvg(chart: Chart): string {
  const drawing = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    const option = themed(chartOption(chart), lightPalette) as Record<string, Record<string, unknown>>;
    const part = (name: string): Record<string, unknown> => option[name] as Record<string, unknown>;
    const yAxis = part("yAxis");
    yAxis.axisLabel = {
      ...(yAxis.axisLabel as object),
      formatter: (value: number) => formatValue(value, chart.y.unit),
    };
    // Without a browser the widths of texts are guessed, and rather too small.
    part("legend").itemGap = 36;
    hideNarrowBandNames(chart, option);
    drawing.setOption({ ...option, backgroundColor: lightPalette.background } as EChartsCoreOption);
    return drawing.renderToSVGString();
  } finally {
    drawing.dispose();
  }
}

interface AreaOption {
  label?: { show?: boolean };
}

/** A name that is wider than its phase would lie over its neighbour's. */
function hideNarrowBandNames(chart: Chart, option: Record<string, unknown>): void {
  const [first] = option.series as { markArea?: { data: [AreaOption, unknown][] } }[];
  const span = (option.xAxis as { max?: number }).max ?? 1;
  for (const [i, band] of chart.bands.entries()) {
    const area = first?.markArea?.data[i]?.[0];
    const room = ((band.to - band.from) / span) * (width - 80);
    if (area?.label !== undefined && band.name.length * pixelsPerCharacter > room) area.label.show = false;
  }
}
