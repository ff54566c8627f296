import type { Role } from "../content/content.ts";

/**
 * Colours that keep apart for the common kinds of colour blindness (after Okabe and Ito, darkened or lightened until
 * lines have a contrast of 3 : 1 and text one of 4.5 : 1 with the background). Lines differ in their dashes as well.
 */
export interface Palette {
  readonly roles: Readonly<Record<Role, string>>;
  readonly background: string;
  readonly text: string;
  readonly faint: string;
  readonly grid: string;
  readonly band: string;
  readonly bandUnmeasured: string;
}

export const lightPalette: Palette = {
  roles: {
    due: "#5f6875",
    sent: "#7a5cc9",
    accepted: "#0067b1",
    included: "#007f5f",
    rejected: "#c2410c",
    shed: "#a86a00",
    unanswered: "#b8348a",
    cancelled: "#737b86",
    limit: "#b42318",
    "category-1": "#0067b1",
    "category-2": "#c2410c",
    "category-3": "#007f5f",
    "category-4": "#7a5cc9",
    "category-5": "#a86a00",
    "category-6": "#b8348a",
  },
  background: "#ffffff",
  text: "#1b2230",
  faint: "#5b6472",
  grid: "#e3e7ed",
  band: "#eef2f8",
  bandUnmeasured: "#f4efe4",
};

export const darkPalette: Palette = {
  roles: {
    due: "#9aa5b4",
    sent: "#b7a4f7",
    accepted: "#63b3ff",
    included: "#3fd0a2",
    rejected: "#ff8f63",
    shed: "#f0b94d",
    unanswered: "#f48ccb",
    cancelled: "#98a1ad",
    limit: "#ff7b72",
    "category-1": "#63b3ff",
    "category-2": "#ff8f63",
    "category-3": "#3fd0a2",
    "category-4": "#b7a4f7",
    "category-5": "#f0b94d",
    "category-6": "#f48ccb",
  },
  background: "#151a22",
  text: "#e7ebf1",
  faint: "#a4adba",
  grid: "#2b3340",
  band: "#1b222d",
  bandUnmeasured: "#26231c",
};

/** The colour that a token such as `@due` stands for in a chart's options. */
export function colorOf(token: string, palette: Palette): string {
  const name = token.slice(1);
  const { roles, ...others } = palette;
  return { ...others, ...roles }[name as Role] ?? palette.text;
}
