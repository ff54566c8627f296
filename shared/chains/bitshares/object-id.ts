/** The last part of an object's id, such as 18 of 1.2.18. */
export function instanceOf(id: string): number {
  return Number(id.split(".")[2]);
}
