"""The style of the page of an audit: for phones, screens and paper, light and dark."""

STYLE = """
:root { color-scheme: light dark; --ink: #1c1d21; --soft: #5c606b; --line: #d9dce3; --page: #fff; --raised: #f6f7f9;
  --leak: #b3261e; --possible: #8a5a00; --weak: #3f5b8c; --note: #5c606b; --good: #1d6b3c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e9eaee; --soft: #a3a8b5; --line: #383c46; --page: #16181d;
  --raised: #1f2229; --leak: #ff8a80; --possible: #f2c063; --weak: #9db8ea; --note: #a3a8b5; --good: #7fd6a0; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 Georgia, "Times New Roman", serif; }
main { max-width: 46rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1, h2, h3, dt, th, .kind, .tag, .method, caption, footer { font-family: system-ui, -apple-system, "Segoe UI", Roboto,
  "Helvetica Neue", Arial, sans-serif; }
.kind { margin: 0; color: var(--soft); font-size: .8rem; letter-spacing: .08em; text-transform: uppercase; }
h1 { margin: .2rem 0 .3rem; font-size: 1.9rem; line-height: 1.2; overflow-wrap: anywhere; }
.method { margin: 0 0 1.25rem; color: var(--soft); overflow-wrap: anywhere; }
.verdict { margin: 0 0 .75rem; padding: .8rem 1rem; border-left: 4px solid var(--good); background: var(--raised);
  font-size: 1.1rem; }
.verdict.bad { border-color: var(--leak); }
.verdict.unsure { border-color: var(--possible); }
.worth { margin: 0 0 1.25rem; padding: 0 1rem; }
.strong { font-weight: bold; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; margin: 1.25rem 0 0;
  font-size: .92rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
h2 { margin: 2.5rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); font-size: 1.25rem; }
article { margin: 1.5rem 0 2rem; break-inside: avoid-page; }
h3 { margin: 0 0 .35rem; font-size: 1.02rem; line-height: 1.4; }
.tag { display: inline-block; margin-right: .35rem; padding: 0 .5rem; border: 1px solid currentcolor;
  border-radius: 1rem; color: var(--note); font-size: .75rem; font-weight: 600; vertical-align: 1px; }
.leak .tag { color: var(--leak); }
.possible-leak .tag { color: var(--possible); }
.weakness .tag { color: var(--weak); }
.names { overflow-wrap: anywhere; font-size: .9rem; }
code { font-size: .88em; }
p { margin: .5rem 0; }
.scroll { overflow-x: auto; margin: .75rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .86rem; line-height: 1.4; }
caption { padding-bottom: .3rem; color: var(--soft); font-size: .8rem; text-align: left; }
th, td { padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
td { overflow-wrap: anywhere; min-width: 4rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
footer { margin-top: 3rem; padding-top: .8rem; border-top: 1px solid var(--line); color: var(--soft);
  font-size: .85rem; overflow-wrap: anywhere; }
@media (max-width: 34rem) { main { padding-top: 1.5rem; } h1 { font-size: 1.5rem; } table { font-size: .8rem; } }
@media print { :root { color-scheme: light; --ink: #000; --soft: #444; --line: #bbb; --page: #fff; --raised: #fff;
  --leak: #900; --possible: #640; --weak: #224; --note: #444; --good: #050; }
  body { font-size: 10.5pt; } main { max-width: none; padding: 0; } .scroll { overflow: visible; }
  .verdict { border: 1px solid var(--line); border-left-width: 4px; } h2, h3, caption { break-after: avoid; } }
"""
