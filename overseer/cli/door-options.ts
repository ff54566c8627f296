import type { Options } from "yargs";

/** Of every command that listens for beacons. */
export const doorOptions = {
  listen: { type: "string", describe: "HOST:PORT to listen on for beacons [default: 127.0.0.1:7411]" },
  "token-file": { type: "string", describe: "file with the token that beacons must show" },
  "tls-cert": { type: "string", describe: "PEM file of the certificate that beacons see, with its chain" },
  "tls-key": { type: "string", describe: "PEM file of its key" },
  "tls-client-ca": { type: "string", describe: "PEM file of the authority whose certificates beacons must have" },
  "without-tls": {
    type: "boolean",
    default: false,
    describe: "listen beyond loopback in the clear: tokens and keys can be read on the way",
  },
} satisfies Record<string, Options>;
