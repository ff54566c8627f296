/** Why a node refuses something, in the words of its chain. Outcomes are values here: only defects are thrown. */
export abstract class Refusal {
  abstract readonly code: number;
  abstract readonly name: string;
}
