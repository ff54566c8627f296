import type { CalibrationCase } from "./calibration-case.ts";
import { answerDelays } from "./cases/answer-delays.ts";
import { capacityCase } from "./cases/capacity.ts";
import { clocks } from "./cases/clocks.ts";
import { expiry, forkLost, forkReincluded, losses } from "./cases/losses.ts";
import { profilesCase } from "./cases/profiles.ts";
import { splitting } from "./cases/splitting.ts";
import { hesitantBeacon, stalledBeacon } from "./cases/stalled-beacon.ts";
import { stalledNode, stalledNodeHeld, stalledNodeShedding } from "./cases/stalled-node.ts";

export const allCases: readonly CalibrationCase[] = [
  stalledNode,
  stalledNodeHeld,
  stalledNodeShedding,
  stalledBeacon,
  hesitantBeacon,
  answerDelays,
  capacityCase,
  profilesCase,
  losses,
  expiry,
  forkReincluded,
  forkLost,
  clocks,
  splitting,
];
