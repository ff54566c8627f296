declare module "bitsharesjs" {
  const bitshares: { readonly ops: Readonly<Record<string, unknown>> };
  export default bitshares;
}
