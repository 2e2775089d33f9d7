/**
 * The look of the board. States and sides have no colour: a state is a word and a shape, a side is a name and a place.
 * Both appearances come from one set of pairs, so that neither can fall behind the other.
 */
export const boardStyle = `
:root { color-scheme: light dark;
  --paper: light-dark(#f6f4ee, #11151b); --sheet: light-dark(#fffdf8, #181d25); --ink: light-dark(#1c2530, #e9e6de);
  --quiet: light-dark(#56606d, #a5adb9); --line: light-dark(#ddd8cb, #2b323d); --rule: light-dark(#1c2530, #8a93a1);
  --accent: light-dark(#27497a, #a3c0ea);
  --sans: system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, Georgia, "Noto Serif", serif; }
:root:has(#theme-light:checked) { color-scheme: light; }
:root:has(#theme-dark:checked) { color-scheme: dark; }
:lang(zh) { --sans: "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif; --serif: "Songti SC", "Noto Serif CJK SC", "Noto Serif SC", SimSun, serif; }
:lang(ja) { --sans: "Hiragino Sans", "Yu Gothic", "Noto Sans CJK JP", "Noto Sans JP", sans-serif; --serif: "Hiragino Mincho ProN", "Yu Mincho", "Noto Serif CJK JP", "Noto Serif JP", serif; }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 400 1rem/1.6 var(--sans); }
[lang] { font-family: var(--sans); }
h1, h2, .subtitle, .numeral { font-family: var(--serif); font-weight: 500; text-wrap: balance; }
p, h3, h4, ul, ol, dl, dd { margin: 0; }
ul, ol { padding: 0; list-style: none; }
a { color: var(--accent); text-underline-offset: .2em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 2px; }
.unseen, legend { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
header, main, footer { max-width: 100rem; margin-inline: auto; padding-inline: clamp(1.125rem, 3.2vw, 3rem); }

:root:has(#language-en:checked) :is(.edition:not([data-language=en]), [data-in]:not([data-in=en])),
:root:has(#language-zh:checked) :is(.edition:not([data-language=zh]), [data-in]:not([data-in=zh])),
:root:has(#language-ja:checked) :is(.edition:not([data-language=ja]), [data-in]:not([data-in=ja])) { display: none; }

.banner { margin-inline: calc(50% - 50vw); padding: .6rem 1rem; background: var(--ink); color: var(--paper); text-align: center; font-weight: 650; font-size: clamp(.8125rem, 3.4vw, 1rem); letter-spacing: clamp(.06em, .9vw, .18em); white-space: nowrap; }
.switches { display: flex; flex-wrap: wrap; gap: .5rem 2rem; align-items: center; padding-block: 1.1rem; }
.wordmark { margin-inline-end: auto; font: 500 1.0625rem/1 var(--serif); letter-spacing: .02em; }
.wordmark span { color: var(--quiet); margin-inline-start: .35em; }
fieldset { display: flex; border: 0; margin: 0; padding: 0; position: relative; gap: .125rem; }
fieldset:last-child { margin-inline-start: auto; }
fieldset input { position: absolute; opacity: 0; }
fieldset label { min-height: 2rem; padding: .25rem .7rem; border-radius: 999px; color: var(--quiet); font-size: .875rem; line-height: 1.5rem; cursor: pointer; }
fieldset label:hover { color: var(--ink); }
fieldset input:checked + label { color: var(--ink); box-shadow: inset 0 0 0 1px var(--rule); }
fieldset input:focus-visible + label { outline: 2px solid var(--accent); outline-offset: 2px; }

.top { display: grid; gap: 2rem 4rem; padding-block: clamp(1.75rem, 4vw, 3.5rem) clamp(1.5rem, 3vw, 2.5rem); }
@media (min-width: 70rem) { .top { grid-template-columns: minmax(0, 1.3fr) minmax(0, 1fr); align-items: end; } }
.masthead { max-width: 58rem; }
h1 { margin: .5rem 0 .6rem; font-size: clamp(2.1rem, 1.2rem + 3.4vw, 3.75rem); line-height: 1.12; letter-spacing: -.012em; }
:is(:lang(zh), :lang(ja)) h1 { letter-spacing: .02em; line-height: 1.3; font-size: clamp(1.9rem, 1.1rem + 2.9vw, 3.1rem); }
.subtitle { font-size: clamp(1.1rem, 1rem + .6vw, 1.45rem); line-height: 1.45; }
.lead { max-width: 44rem; margin-block-start: .9rem; color: var(--quiet); }
.as-of, .place, .meta, time { color: var(--quiet); font-size: .8125rem; font-variant-numeric: tabular-nums; }
.skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.empty { margin-block-start: 1.5rem; padding-inline-start: 1.1rem; border-inline-start: 2px solid var(--rule); max-width: 44rem; }
.moved { margin-block-start: 1.5rem; padding-inline-start: 1.1rem; border-inline-start: 2px solid var(--rule); max-width: 44rem; }
.moved li { padding-block: .2rem; }
.moved .mark { font-size: .8125rem; padding: .05rem .4rem; border: 1px dashed currentcolor; border-radius: .2rem; margin-inline-start: .4rem; }

.about { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); gap: 1.25rem 2.5rem; font-size: .875rem; line-height: 1.5; }
.about h2 { margin: 0 0 .4rem; font-size: 1rem; }
.about li { padding-inline-start: 1.1rem; text-indent: -1.1rem; margin-block: .3rem; color: var(--quiet); }
.about li::before { content: "–"; display: inline-block; width: 1.1rem; text-indent: 0; }

.filter { display: flex; flex-wrap: wrap; gap: .75rem 1.25rem; align-items: end; padding-block: 1.1rem; border-block: 1px solid var(--line); }
.filter label { display: block; font-size: .8125rem; color: var(--quiet); }
select { font: inherit; font-size: .9375rem; min-height: 2.5rem; max-width: 100%; padding: .25rem .6rem; color: var(--ink); background: var(--sheet); border: 1px solid var(--quiet); border-radius: 4px; }
.count { color: var(--quiet); font-size: .875rem; padding-block-end: .5rem; }

.gloss { color: var(--quiet); font-size: .9375rem; line-height: 1.5; max-width: 46rem; text-wrap: pretty; }
h2 { margin: 0; font-size: 1.625rem; line-height: 1.25; }
.band { padding-block: 2.25rem 2.75rem; }
.band-head { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: baseline; padding-block-end: .9rem; border-block-end: 1px solid var(--rule); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 0 2.5rem; }
.cards.four { grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr)); margin-block-start: 1rem; }
.cards.two { grid-template-columns: repeat(auto-fill, minmax(min(100%, 28rem), 1fr)); margin-block-start: 1rem; }

.ladder { display: grid; gap: 3.25rem 2.5rem; padding-block: 1rem 2.5rem; scroll-margin-top: 1rem; }
.step-head { display: flex; gap: .9rem; align-items: start; padding-block: .9rem 1rem; border-block-start: 2px solid var(--rule); }
.numeral { font-size: 2.75rem; line-height: .9; min-width: 1.4rem; color: var(--quiet); font-variant-numeric: lining-nums; }
.facing { display: grid; grid-template-columns: 1fr; gap: 1.5rem; }
.lane > h3 { padding-block: .35rem; font-size: .875rem; font-weight: 600; border-block-end: 1px solid var(--rule); }
.together { margin-block-start: 1.25rem; }
.shared .together { margin-block-start: 0; }
@media (min-width: 40rem) {
  .facing { grid-template-columns: 1fr 1fr; gap: 0; }
  .facing .lane:first-child { padding-inline-end: 1.1rem; border-inline-end: 1px solid var(--line); }
  .facing .lane:last-child { padding-inline-start: 1.1rem; }
}
@media (min-width: 56rem) { .ladder { grid-template-columns: 1fr 1fr; } .faced { grid-column: 1 / -1; } }
@media (min-width: 78rem) {
  .ladder { grid-template-columns: minmax(0, 1.85fr) minmax(0, 1.85fr) minmax(0, 1fr) minmax(0, 1fr); gap: 0 2rem; align-items: start; }
  .faced { grid-column: auto; }
  .step-head { min-height: 7.6rem; }
  .step:nth-child(1) { margin-block-start: 4.5rem; } .step:nth-child(2) { margin-block-start: 3rem; } .step:nth-child(3) { margin-block-start: 1.5rem; }
}

.measure { padding-block: 1rem 1.05rem; border-block-end: 1px solid var(--line); scroll-margin-top: 1rem; }
.meta { display: flex; gap: .75rem; line-height: 1.4; }
.id { font-variant-numeric: tabular-nums; letter-spacing: .02em; }
.actor { color: var(--ink); }
.name { margin-block: .2rem .35rem; font-size: 1rem; font-weight: 600; line-height: 1.35; text-wrap: pretty; }
.asks { font-size: .875rem; line-height: 1.55; text-wrap: pretty; overflow-wrap: break-word; }
:is(:lang(zh), :lang(ja)) .asks { line-height: 1.75; }
:lang(ja) :is(.name, h1, h2, .subtitle) { word-break: auto-phrase; }
.standing { margin-block-start: .6rem; font-size: .8125rem; color: var(--quiet); }
.standing.moved { color: var(--ink); padding: .7rem .8rem; background: var(--sheet); border: 1px solid var(--line); border-radius: 4px; }
.moved > p { font-weight: 600; }
.glyph { font-size: .75em; margin-inline-end: .25em; }
.evidence { margin-block-start: .4rem; }
.evidence li { padding-block: .35rem; border-block-start: 1px solid var(--line); overflow-wrap: anywhere; }
.evidence ol { margin-block-start: .35rem; }
.evidence time, .evidence .place { display: block; font-size: .75rem; line-height: 1.45; }
.number { font-variant-numeric: tabular-nums; }
.drill { margin-block-start: .7rem; padding: .6rem .7rem .7rem; border: 1px dashed var(--rule); border-radius: 4px; }
.drill .moved { margin: .3rem 0 0; padding: 0; border: 0; background: none; }
.cards .measure:has(.moved) { grid-column: 1 / -1; }
.cards .measure:has(.moved) .asks { max-width: 46rem; }
.cards .evidence ol { columns: 17rem; column-gap: 2.5rem; }
.evidence li { break-inside: avoid; }
.drill-mark { font-size: .75rem; font-weight: 700; letter-spacing: .06em; }
summary { cursor: pointer; font-size: .8125rem; color: var(--quiet); padding-block: .25rem; width: fit-content; text-underline-offset: .2em; }
summary:hover { color: var(--ink); text-decoration: underline; }
.facts { margin-block-start: .2rem; }
.facts dl { padding-block: .4rem .2rem; font-size: .8125rem; line-height: 1.5; }
.facts dl > div { padding-block: .35rem; }
.facts dt { color: var(--quiet); }
.facts dd p + p { margin-block-start: .35rem; }
.facts a { display: inline-block; min-height: 1.5rem; line-height: 1.5rem; }
.facts dd li + li { margin-block-start: .15rem; }

.plain { padding-block: 2.25rem; border-block-start: 1px solid var(--line); }
.plain .gloss { margin-block-start: .4rem; }
.challenge, .paper { padding-block: .8rem; }
.paper { font-size: .9375rem; scroll-margin-top: 1rem; }
.paper h4 { margin-block: .9rem .2rem; font-size: .875rem; }
.paper li { padding-block: .4rem; }
.terms { columns: 22rem; column-gap: 2.5rem; margin-block-start: 1.25rem; font-size: .8125rem; line-height: 1.55; }
.term { break-inside: avoid; padding-block: .8rem; border-block-start: 1px solid var(--line); scroll-margin-top: 1rem; }
.term:target { background: var(--sheet); box-shadow: 0 0 0 .6rem var(--sheet); }
.term h3 { font-size: .9375rem; font-weight: 600; }
.disputed { font-weight: 400; font-size: .75rem; color: var(--quiet); margin-inline-start: .4em; }
.forms { display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin-block: .25rem .35rem; }
.user { color: var(--quiet); font-size: .6875rem; letter-spacing: .04em; }
.scroll { overflow-x: auto; margin-block-start: 1rem; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { text-align: start; font-weight: 400; padding: .5rem 2rem .5rem 0; border-block-end: 1px solid var(--line); }
thead th { color: var(--quiet); font-size: .8125rem; }
footer { padding-block: 2rem 0; color: var(--quiet); font-size: .875rem; }
footer > p:first-child { padding-block-end: 2rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@media print { .switches, .filter, .skip { display: none; } details::details-content { content-visibility: visible; height: auto; } .measure { break-inside: avoid; } }
`;
