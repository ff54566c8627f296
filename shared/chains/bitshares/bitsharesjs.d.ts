/** The parts of the two libraries that this project uses; neither ships types of its own. */
declare module "bitsharesjs" {
  /** One field or structure of the wire format. `Value` forms are what `fromObject` makes: ids as numbers, 64-bit integers as Long. */
  interface WireType {
    fromObject(object: unknown): unknown;
    toObject(value: unknown, options?: { readonly use_default?: boolean; readonly annotate?: boolean }): unknown;
    appendByteBuffer(buffer: unknown, value: unknown): void;
    fromByteBuffer(buffer: unknown): unknown;
  }

  export class Serializer implements WireType {
    constructor(operationName: string, types: Record<string, unknown>);
    readonly operation_name: string;
    readonly keys: readonly string[];
    readonly types: Readonly<Record<string, WireType>>;
    fromObject(object: unknown): unknown;
    toObject(value: unknown, options?: { readonly use_default?: boolean; readonly annotate?: boolean }): unknown;
    appendByteBuffer(buffer: unknown, value: unknown): void;
    fromByteBuffer(buffer: unknown): unknown;
    fromHex(hex: string): unknown;
    fromBuffer(buffer: Buffer): unknown;
    toHex(value: unknown): string;
    toBuffer(value: unknown): Buffer;
  }

  /** Every structure by name; the operations have the names of `ChainTypes.operations`. */
  export const ops: Readonly<Record<string, Serializer>> & {
    readonly operation: WireType & { readonly st_operations: readonly Serializer[] };
    readonly transaction: Serializer;
    readonly signed_transaction: Serializer;
    readonly processed_transaction: Serializer;
    readonly signed_block: Serializer;
    readonly signed_block_header: Serializer;
    readonly block_header: Serializer;
    readonly asset: Serializer;
  };

  export const ChainTypes: {
    readonly operations: Readonly<Record<string, number>>;
    readonly object_type: Readonly<Record<string, number>>;
  };

  export class PublicKey {
    static fromBuffer(buffer: Buffer): PublicKey;
    static fromPublicKeyString(text: string, prefix?: string): PublicKey | null;
    static fromStringOrThrow(text: string, prefix?: string): PublicKey;
    toBuffer(compressed?: boolean): Buffer;
    toBlockchainAddress(): Buffer;
    /** Of a balance that a genesis hands out. */
    toAddressString(prefix?: string): string;
    toString(prefix?: string): string;
    toPublicKeyString(prefix?: string): string;
  }

  export class PrivateKey {
    static fromBuffer(buffer: Buffer): PrivateKey;
    static fromSeed(seed: string): PrivateKey;
    /** Throws when the text is no key in Wallet Import Format. */
    static fromWif(wif: string): PrivateKey;
    static fromHex(hex: string): PrivateKey;
    toWif(): string;
    toBuffer(): Buffer;
    toHex(): string;
    toPublicKey(): PublicKey;
  }

  export const Aes: {
    /** Throws when the message was not encrypted for these keys. */
    decrypt_with_checksum(privateKey: PrivateKey, publicKey: PublicKey, nonce: string, message: string): Buffer;
  };

  export class Signature {
    static fromBuffer(buffer: Buffer): Signature;
    static fromHex(hex: string): Signature;
    static signBuffer(buffer: Buffer, privateKey: PrivateKey): Signature;
    static signBufferSha256(sha256: Buffer, privateKey: PrivateKey): Signature;
    toBuffer(): Buffer;
    toHex(): string;
    recoverPublicKey(sha256: Buffer): PublicKey;
    recoverPublicKeyFromBuffer(buffer: Buffer): PublicKey;
    verifyBuffer(buffer: Buffer, publicKey: PublicKey): boolean;
    verifyHash(sha256: Buffer, publicKey: PublicKey): boolean;
  }

  export const hash: {
    sha256(data: Buffer | string): Buffer;
    sha512(data: Buffer | string): Buffer;
    ripemd160(data: Buffer): Buffer;
  };
}

/** Only its default export is visible to ESM in full: `ChainConfig` is a getter there. */
declare module "bitsharesjs-ws" {
  const library: {
    readonly ChainConfig: {
      address_prefix: string;
      setPrefix(prefix?: string): void;
    };
  };
  export default library;
}
