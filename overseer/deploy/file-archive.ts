const blockBytes = 512;

export interface ArchivedFile {
  readonly name: string;
  readonly content: string;
  /** Number of the user and of the group that own it. */
  readonly owner: number;
  readonly mode: number;
}

/** A tar archive (POSIX ustar) of one file: the form in which engines take files. */
export function fileArchive({ name, content, owner, mode }: ArchivedFile): Buffer {
  const body = Buffer.from(content);
  const header = Buffer.alloc(blockBytes);
  const octal = (value: number, at: number, length: number): void => {
    header.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "latin1");
  };
  header.write(name, 0, 100, "utf8");
  octal(mode, 100, 8);
  octal(owner, 108, 8);
  octal(owner, 116, 8);
  octal(body.length, 124, 12);
  octal(0, 136, 12);
  header.write("0", 156, "latin1");
  header.write("ustar\u000000", 257, "latin1");
  // The sum counts its own field as spaces.
  header.fill(" ", 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  const padding = Buffer.alloc((blockBytes - (body.length % blockBytes)) % blockBytes);
  return Buffer.concat([header, body, padding, Buffer.alloc(2 * blockBytes)]);
}
