const blockBytes = 512;

export interface ArchivedFile {
  readonly name: string;
  readonly content: string;
  /** Number of the user and of the group that own it. */
  readonly owner: number;
  readonly mode: number;
}

/** A folder that all files of an archive lie in: the one that it is put into keeps the engine's own permissions. */
export interface ArchivedFolder {
  readonly name: string;
  readonly owner: number;
  readonly mode: number;
}

/** A tar archive (POSIX ustar): the form in which engines take files. */
export function fileArchive(files: readonly ArchivedFile[], folder: ArchivedFolder | null = null): Buffer {
  const own = folder === null ? [] : [headerOf({ ...folder, name: `${folder.name}/`, bytes: 0, type: "5" })];
  const entries = files.flatMap(({ name, content, owner, mode }) => {
    const body = Buffer.from(content);
    const padding = Buffer.alloc((blockBytes - (body.length % blockBytes)) % blockBytes);
    return [
      headerOf({ name: folder === null ? name : `${folder.name}/${name}`, owner, mode, bytes: body.length, type: "0" }),
      body,
      padding,
    ];
  });
  return Buffer.concat([...own, ...entries, Buffer.alloc(2 * blockBytes)]);
}

interface Header {
  readonly name: string;
  readonly owner: number;
  readonly mode: number;
  readonly bytes: number;
  /** 0: a file; 5: a folder. */
  readonly type: "0" | "5";
}

function headerOf({ name, owner, mode, bytes, type }: Header): Buffer {
  const header = Buffer.alloc(blockBytes);
  const octal = (value: number, at: number, length: number): void => {
    header.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "latin1");
  };
  header.write(name, 0, 100, "utf8");
  octal(mode, 100, 8);
  octal(owner, 108, 8);
  octal(owner, 116, 8);
  octal(bytes, 124, 12);
  octal(0, 136, 12);
  header.write(type, 156, "latin1");
  header.write("ustar\u000000", 257, "latin1");
  // The sum counts its own field as spaces.
  header.fill(" ", 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}
