/** The private keys of accounts as bytes; texts that occur more than once are decoded once. */
export function decodeAccountKeys(
  accounts: readonly { readonly name: string; readonly privateKey: string }[],
  decode: (text: string, owner: string) => Buffer,
): Buffer[] {
  const known = new Map<string, Buffer>();
  return accounts.map(({ name, privateKey }) => {
    const key = known.get(privateKey) ?? decode(privateKey, name);
    known.set(privateKey, key);
    return key;
  });
}
