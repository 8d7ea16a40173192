import { createHash } from "node:crypto";

/** How the pages look: light and dark as the reader has it, on a phone, in print. */
export const style = `
:root{color-scheme:light dark;--text:#1c1e21;--faint:#565c66;--page:#fff;--panel:#f4f5f7;--line:#d5d9df;--link:#0b57b5;--good:#1a6b37;--bad:#b3201c;--open:#7a5200;--c0:#0b57b5;--c1:#b3201c;--c2:#1a6b37;--c3:#7a3e9d;--c4:#8a5a00;--c5:#005f6b}
@media (prefers-color-scheme:dark){:root{--text:#e4e6ea;--faint:#a4abb6;--page:#16181c;--panel:#202329;--line:#3a3f48;--link:#84b6ff;--good:#7fd49a;--bad:#ff9a92;--open:#f0c36a;--c0:#84b6ff;--c1:#ff9a92;--c2:#7fd49a;--c3:#d0a6ee;--c4:#f0c36a;--c5:#6fd3df}}
*{box-sizing:border-box}
body{margin:0;font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;color:var(--text);background:var(--page);overflow-wrap:break-word}
header,main,footer{max-width:64rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:1.25rem}
footer{margin-top:3rem;padding-top:1rem;padding-bottom:2rem;border-top:1px solid var(--line);color:var(--faint);font-size:.9rem}
h1{font-size:1.9rem;line-height:1.2;margin:.75rem 0 .25rem}
h2{font-size:1.35rem;margin:2.5rem 0 .75rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
h3{font-size:1.08rem;margin:1.6rem 0 .5rem}
h4,h5,h6{font-size:1rem;margin:1.2rem 0 .4rem}
p{margin:.5rem 0;max-width:46rem}
a{color:var(--link);text-underline-offset:.15em}
a:focus-visible,[tabindex]:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:2px}
.skip{position:absolute;left:-100rem}
.skip:focus{left:1rem;top:.5rem;background:var(--page);padding:.5rem 1rem;z-index:1}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;margin:0;padding:0}
.faint{color:var(--faint)}
.lead{font-size:1.08rem}
code{font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.7rem .9rem;margin:.5rem 0 1rem;overflow-x:auto}
.scroll{overflow-x:auto;margin:.75rem 0 1rem;border:1px solid var(--line);border-radius:6px}
table{border-collapse:collapse;width:100%;font-size:.94rem}
th,td{text-align:left;vertical-align:top;padding:.45rem .8rem;border-top:1px solid var(--line)}
thead th{border-top:0;background:var(--panel);white-space:nowrap}
tbody th{font-weight:400}
td.number,th.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
td code,th code{white-space:nowrap}
.wide code{white-space:normal;overflow-wrap:anywhere}
td .wide{display:block;min-width:18rem}
.long{display:block;min-width:14rem}
time{white-space:nowrap}
h3 code{font-size:1em}
.state{display:inline-block;white-space:nowrap;font-weight:600;color:var(--open)}
.state::before{content:"\\25CF\\00A0"}
.good{color:var(--good)}
.bad{color:var(--bad)}
.good::before{content:"\\2713\\00A0"}
.bad::before{content:"\\2717\\00A0"}
.notice{border-left:4px solid var(--open);background:var(--panel);padding:.6rem 1rem;margin:1rem 0;max-width:46rem}
.counts{display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;list-style:none;padding:0;margin:.75rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.5rem 0}
dd{margin:0;min-width:0}
svg{display:block;width:100%;height:auto;max-width:36rem}
svg text{fill:var(--faint);font:14px system-ui,sans-serif}
.axis{stroke:var(--line);stroke-width:1}
.plot{fill:none;stroke-width:2}
.p0{stroke:var(--c0)}.p1{stroke:var(--c1);stroke-dasharray:7 4}.p2{stroke:var(--c2);stroke-dasharray:2 3}.p3{stroke:var(--c3);stroke-dasharray:10 3 2 3}.p4{stroke:var(--c4);stroke-dasharray:4 2}.p5{stroke:var(--c5);stroke-dasharray:1 4}
.d0{fill:var(--c0)}.d1{fill:var(--c1)}.d2{fill:var(--c2)}.d3{fill:var(--c3)}.d4{fill:var(--c4)}.d5{fill:var(--c5)}
.key{width:2.2rem;display:inline-block;vertical-align:middle;margin-right:.4rem}
@media (max-width:40rem){body{font-size:.97rem}h1{font-size:1.5rem}dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}th,td{padding:.4rem .55rem}}
@media print{:root{--text:#000;--faint:#333;--page:#fff;--panel:#fff;--link:#000;--line:#999;--good:#000;--bad:#000;--open:#000;--c0:#000;--c1:#333;--c2:#000;--c3:#333;--c4:#000;--c5:#333}nav,.skip{display:none}pre,.scroll{overflow:visible;border-color:#999}pre code,td code,th code{white-space:pre-wrap;overflow-wrap:anywhere}table{font-size:.78rem}thead th{white-space:normal}th,td{padding:.2rem .35rem;overflow-wrap:anywhere}td .wide,.long{min-width:0}h2,h3{break-after:avoid}tr,svg,pre{break-inside:avoid}}
`.trim();

/** What the pages may load and do: nothing but this style, and no form goes anywhere (CSP Level 3). */
export const contentPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");
