/** Numbers in the digits a to z, at least `length` of them. */
export function toLetters(value: number, length: number): string {
  let text = "";
  for (let rest = value; rest > 0; rest = Math.floor(rest / 26)) {
    text = String.fromCharCode(97 + (rest % 26)) + text;
  }
  return text.padStart(length, "a");
}
