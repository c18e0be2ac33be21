// The page's style sheet: system fonts, light and dark by the reader's setting, tables that wrap, and paper.
#ifndef LOGSIEVE_TRAINING_REPORT_PAGE_STYLE_H_
#define LOGSIEVE_TRAINING_REPORT_PAGE_STYLE_H_

#include <string_view>

namespace logsieve {

// k0 to k8 are the colours of Okabe and Ito (2008), darkened for white paper where they are pale, which readers with any
// colour vision can tell apart.
inline constexpr std::string_view kPageStyle = R"css(
:root{--paper:#fff;--ink:#1c2024;--quiet:#5f6b76;--rule:#d8dde2;--soft:#f4f6f8;--accent:#0b5cad;--bad:#b3261e;--good:#1a7f4b;
--k0:#0072b2;--k1:#d55e00;--k2:#00835f;--k3:#b8578c;--k4:#b87700;--k5:#3b92c4;--k6:#7a5195;--k7:#8a5a2b;--k8:#5b6770}
@media (prefers-color-scheme:dark){:root{--paper:#15181b;--ink:#e4e7ea;--quiet:#9aa5b0;--rule:#343a41;--soft:#1e2226;
--accent:#7ab8f5;--bad:#ff8a80;--good:#5fd39a;--k0:#4aa8e0;--k1:#f28a45;--k2:#2fc79b;--k3:#e39bc4;--k4:#f0b93a;--k5:#86cdf2;
--k6:#b79ad0;--k7:#cf9d68;--k8:#a9b3bd}}
@media print{:root{--paper:#fff;--ink:#000;--quiet:#444;--rule:#bbb;--soft:#f2f2f2;--accent:#003f7f;--bad:#a01010;--good:#0b5d35;
--k0:#0072b2;--k1:#d55e00;--k2:#00835f;--k3:#b8578c;--k4:#b87700;--k5:#3b92c4;--k6:#7a5195;--k7:#8a5a2b;--k8:#5b6770}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
main{max-width:none!important;padding:0!important}body{font-size:9.5pt}
nav{display:none}section h2{break-after:avoid}figure,svg,tr,.matrix{break-inside:avoid}a{color:inherit;text-decoration:none}}
@page{margin:14mm}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1020px;margin:0 auto;padding:24px 20px 60px}
h1{font-size:1.05rem;font-weight:600;color:var(--quiet);margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:2.2em 0 .5em;padding-bottom:.2em;border-bottom:1px solid var(--rule)}
#headline h2{margin-top:.4em;border:0}
.headline{font-size:1.45rem;line-height:1.35;margin:.3em 0 .6em}
p,li{overflow-wrap:break-word}p{margin:.5em 0;max-width:78ch}ul{margin:.6em 0;padding-left:1.2em}li{margin:.2em 0;max-width:78ch}
a{color:var(--accent)}
nav{display:flex;flex-wrap:wrap;gap:4px 16px;margin:1.2em 0 0;font-size:.93em}
.quiet{color:var(--quiet)}td .quiet{font-size:.92em}
.wide{overflow-x:auto;margin:.8em 0 1.2em}
table{border-collapse:collapse;width:100%;font-size:.93em}
th,td{text-align:left;vertical-align:top;padding:5px 18px 5px 0;border-bottom:1px solid var(--rule)}
th{font-weight:600}thead th{color:var(--quiet);font-size:.92em;vertical-align:bottom}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}thead .n{white-space:normal}
.p{color:var(--quiet);font-size:.92em;white-space:nowrap}td .quiet{overflow-wrap:anywhere}
code,pre{font:.9em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
td code{overflow-wrap:anywhere;unicode-bidi:isolate;direction:ltr}
td:has(code){min-width:240px}
pre{background:var(--soft);padding:10px 12px;white-space:pre-wrap;overflow-wrap:anywhere;border-radius:4px}
.matrix{width:auto}.matrix th,.matrix td{padding:4px 8px;border:1px solid var(--rule);white-space:nowrap}
.matrix .tall{height:150px;padding:6px 4px;vertical-align:bottom}
.matrix .tall span{writing-mode:vertical-rl;transform:rotate(180deg)}
.matrix .right{background:color-mix(in srgb,var(--good) var(--s),transparent)}
.matrix .wrong{background:color-mix(in srgb,var(--bad) var(--s),transparent)}
.matrix .silent{background:color-mix(in srgb,var(--quiet) var(--s),transparent)}
svg{display:block;width:100%;height:auto;margin:.6em 0}
svg text{font-size:12px;fill:var(--ink)}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(320px,1fr));gap:28px}
.pair>*{min-width:0}
@media (max-width:600px){.pair{grid-template-columns:minmax(0,1fr)}main{padding:16px 12px 40px}.wide table:not(.matrix){min-width:560px}}
figure{margin:0}figcaption{color:var(--quiet);font-size:.93em}
.grid{stroke:var(--rule)}.ideal{stroke:var(--quiet);stroke-dasharray:5 4}.gap{stroke:var(--bad);stroke-width:1.5}
.dot{fill:var(--accent);fill-opacity:.75}.curve{fill:none;stroke:var(--accent);stroke-width:2.2}
.mark{fill:none;stroke:var(--bad);stroke-width:2.4}
.k0{fill:var(--k0);stroke:var(--k0)}.k1{fill:var(--k1);stroke:var(--k1)}.k2{fill:var(--k2);stroke:var(--k2)}
.k3{fill:var(--k3);stroke:var(--k3)}.k4{fill:var(--k4);stroke:var(--k4)}.k5{fill:var(--k5);stroke:var(--k5)}
.k6{fill:var(--k6);stroke:var(--k6)}.k7{fill:var(--k7);stroke:var(--k7)}.k8{fill:var(--k8);stroke:var(--k8)}
g>[class^=k]{fill-opacity:.7}.hollow{fill-opacity:0!important;stroke-width:1.4}
#map>svg{border:1px solid var(--rule)}
.legend span{display:inline-flex;align-items:center;gap:5px;margin-right:14px}.legend .key{width:14px;height:14px;margin:0}
)css";

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_REPORT_PAGE_STYLE_H_
