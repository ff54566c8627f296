import { darkPalette, lightPalette, type Palette } from "./palette.ts";

/** The page's own look; no font, picture or style comes from anywhere else. */
export const htmlStyle = `
:root { color-scheme: light dark; ${variables(lightPalette)}
  --page: #f5f7fa; --card: #ffffff; --line: #d9dee6; --good: #0b6b4f; --good-ground: #e2f4ec; --warning: #7a4b00;
  --warning-ground: #fdf0d5; --bad: #a1160f; --bad-ground: #fde6e3; --neutral-ground: #edf0f5; --link: #0059a6; }
@media (prefers-color-scheme: dark) { :root { ${variables(darkPalette)}
  --page: #0e1218; --card: #151a22; --line: #2f3845; --good: #5fdcae; --good-ground: #12302a; --warning: #f3c46b;
  --warning-ground: #35290f; --bad: #ff9a90; --bad-ground: #3b1a18; --neutral-ground: #212935; --link: #7dbdff; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 3.5rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.55 system-ui, -apple-system, "Segoe UI",
  Roboto, "DejaVu Sans", sans-serif; }
main, header > div, nav > div { max-width: 1180px; margin: 0 auto; padding: 0 20px; }
a { color: var(--link); } a:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.banner { padding: 12px 0; font-weight: 600; border-bottom: 1px solid var(--line); }
.banner.bad { background: var(--bad-ground); color: var(--bad); }
.banner.warning { background: var(--warning-ground); color: var(--warning); }
.banner div { max-width: 1180px; margin: 0 auto; padding: 0 20px; }
header { background: var(--card); border-bottom: 1px solid var(--line); padding: 26px 0 22px; }
.name { margin: 0 0 6px; color: var(--faint); font-size: 13px; letter-spacing: .02em; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.3; font-weight: 650; max-width: 44em; text-wrap: balance; overflow-wrap: anywhere; }
.answer { margin: 10px 0 16px; font-size: 1.05rem; max-width: 62em; overflow-wrap: anywhere; }
.badges { display: flex; flex-wrap: wrap; gap: 8px; margin: 0; padding: 0; list-style: none; }
.badges li { display: flex; border-radius: 6px; font-size: 13px; border: 1px solid var(--line); overflow: hidden; }
.badges b, .badges span { padding: 3px 9px; } .badges b { font-weight: 650; white-space: nowrap; }
.badges li { background: var(--neutral-ground); } .badges span { background: var(--card); }
.good > b, .tone-good { color: var(--good); } .badges .good { background: var(--good-ground); }
.warning > b, .tone-warning { color: var(--warning); } .badges .warning { background: var(--warning-ground); }
.bad > b, .tone-bad { color: var(--bad); } .badges .bad { background: var(--bad-ground); }
.tone-good, .tone-warning, .tone-bad { font-weight: 600; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(172px, 1fr)); gap: 12px; margin: 20px 0 0; }
.figures div { border: 1px solid var(--line); border-top: 3px solid var(--role, var(--line)); border-radius: 8px; padding: 10px 14px; }
.figures dt { font-size: 12.5px; color: var(--faint); } .figures dd { margin: 0; }
.figures .value { font-size: 1.5rem; font-weight: 650; font-variant-numeric: tabular-nums; line-height: 1.3; white-space: nowrap; }
.figures .note { font-size: 12.5px; color: var(--faint); }
nav { position: sticky; top: 0; z-index: 5; background: var(--card); border-bottom: 1px solid var(--line); }
nav > div { display: flex; gap: 20px; overflow-x: auto; white-space: nowrap; scrollbar-width: none; }
nav a { padding: 10px 0; font-size: 14px; text-decoration: none; } nav a:hover { text-decoration: underline; }
section { margin: 34px 0 0; }
h2 { font-size: 1.25rem; margin: 0 0 4px; } h3 { font-size: 1rem; margin: 0 0 6px; font-weight: 600; }
.lead { color: var(--faint); margin: 0 0 14px; max-width: 62em; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px; margin: 14px 0; }
.empty { color: var(--faint); }
.empty::before { content: "○"; margin-right: .6em; }
.chart { height: 340px; width: 100%; }
.scroll { overflow-x: auto; margin: 0 -18px; padding: 0 18px; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: var(--faint); vertical-align: bottom; font-size: 12.5px; line-height: 1.3; }
th, td { padding: 6px 12px; border-bottom: 1px solid var(--line); } th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; } tbody tr:last-child td { border-bottom: 0; }
.dense th, .dense td { padding-left: 7px; padding-right: 7px; }
td { vertical-align: top; } .long { min-width: 15em; overflow-wrap: anywhere; } .short { white-space: nowrap; }
.right { text-align: right; white-space: nowrap; } td.right:first-child, th.right:first-child { width: 1%; padding-right: 24px; }
.dense th:first-child, .dense td:first-child { padding-left: 0; } .dense th:last-child, .dense td:last-child { padding-right: 0; }
figure.card { margin-inline: 0; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(440px, 100%), 1fr)); gap: 14px; margin: 14px 0; }
.pair > figure.card { min-width: 0; margin: 0; } .pair .chart { height: 270px; }
.note { color: var(--faint); font-size: 13px; margin: 8px 0 0; max-width: 70em; }
details { margin-top: 8px; font-size: 13.5px; } summary { cursor: pointer; color: var(--faint); width: max-content; }
details .scroll { max-height: 340px; overflow-y: auto; margin-top: 8px; } details table { width: auto; }
details thead th { position: sticky; top: 0; background: var(--card); }
pre { margin: 0; overflow-x: auto; font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; tab-size: 2; }
.quotes { margin: 0; } .quotes div { display: grid; grid-template-columns: 9em 1fr; gap: 4px 14px; padding: 6px 0; border-bottom: 1px solid var(--line); }
.quotes div:last-child { border-bottom: 0; } .quotes dt { color: var(--faint); overflow-wrap: anywhere; }
.quotes dd { margin: 0; font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
footer { color: var(--faint); font-size: 13px; margin: 34px 0 40px; overflow-wrap: anywhere; }
.tip { font: 12.5px/1.45 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
.tip table { width: auto; font-size: 12.5px; } .tip td { border: 0; padding: 1px 0; min-width: 0; }
.tip td + td { padding-left: 16px; text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.tip i { display: inline-block; width: 14px; height: 0; border-top: 3px solid; margin-right: 7px; vertical-align: middle; }
@media (max-width: 640px) {
  main, header > div, nav > div, .banner div { padding: 0 14px; } h1 { font-size: 1.2rem; } .answer { font-size: 1rem; }
  .card { padding: 12px 12px; border-radius: 8px; } .scroll { margin: 0 -12px; padding: 0 12px; }
  .figures { grid-template-columns: 1fr 1fr; gap: 8px; } .figures div { padding: 8px 10px; }
  .figures .value { font-size: 1.15rem; } .chart { height: 300px; } .quotes div { grid-template-columns: 1fr; gap: 0; }
  .badges li { flex-wrap: wrap; } .badges span { flex: 1 0 auto; max-width: 100%; } }
@media print {
  :root { color-scheme: light; ${variables(lightPalette)}
    --page: #fff; --card: #fff; --line: #ccc; --good: #0b6b4f; --warning: #7a4b00; --bad: #a1160f; --link: #1b2230;
    --good-ground: #fff; --warning-ground: #fff; --bad-ground: #fff; --neutral-ground: #fff; }
  nav, details { display: none; } .card { break-inside: avoid; padding: 10px 12px; } body { font-size: 11px; }
  main, header > div, .banner div { padding: 0; } h2, h3, .lead { break-after: avoid; break-inside: avoid; } section { margin-top: 20px; }
  .chart { height: 250px; } .pair { grid-template-columns: 1fr 1fr; } .pair .chart { height: 200px; }
  .scroll { overflow: visible; margin: 0; padding: 0; } pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  table { font-size: 9px; } th { font-size: 8.5px; } th, td { padding: 3px 5px; } .dense th, .dense td { padding: 3px 4px; }
  td.right:first-child, th.right:first-child { padding-right: 8px; } }
`.trim();

function variables(palette: Palette): string {
  const { roles, ...others } = palette;
  return [...Object.entries(others), ...Object.entries(roles)].map(([name, color]) => `--${name}: ${color};`).join(" ");
}
