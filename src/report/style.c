/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/sections/sections.h"

/* Colours are named once for light and once for dark ground. */
static const char colours[] =
    ":root{color-scheme:light dark;--ground:#fff;--ink:#1c2024;--soft:#5c6670;--line:#d5dae0;--faint:#f4f6f8;"
    "--link:#1a5fb4;--green:#dff3e3;--green-ink:#15612c;--amber:#fdf0cf;"
    "--amber-ink:#7a5200;--red:#fbdfdc;--red-ink:#9c1c14;--only:#c4341c;--some:#8a4fbf;--node:#eef2f7}\n"
    "@media screen and (prefers-color-scheme:dark){:root{--ground:#15181c;--ink:#e4e7ea;--soft:#9aa4ae;--line:#353c44;"
    "--faint:#1d2126;--link:#7db4f5;--green:#143721;--green-ink:#8fdca8;"
    "--amber:#40300c;--amber-ink:#f0c868;--red:#471b19;--red-ink:#f7a59d;--only:#ff8a70;--some:#c79bf0;"
    "--node:#262c33}}\n";

static const char page[] =
    "*{box-sizing:border-box}html{scroll-behavior:smooth}\n"
    "body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,\"Segoe "
    "UI\",\"DejaVu Sans\",sans-serif;overflow-wrap:break-word}\n"
    "header,main,footer{max-width:86rem;margin:0 auto;padding:0 1.25rem}\n"
    "header{padding-top:2rem}header p{max-width:110ch}h1{font-size:1.9rem;line-height:1.2;margin:0 0 .3rem}\n"
    "h2{font-size:1.4rem;margin:2rem 0 .5rem;padding-top:.5rem;border-top:2px solid var(--line)}\n"
    "h3{font-size:1.1rem;margin:2.2rem 0 .4rem}h4{font-size:1rem;margin:1.2rem 0 .3rem}h5{font-size:.95rem;margin:1rem "
    "0 .3rem}\n"
    "p{max-width:75ch;margin:.5rem 0}a{color:var(--link)}code,pre{font-family:ui-monospace,\"DejaVu Sans "
    "Mono\",monospace;font-size:.9em}\n"
    "pre{background:var(--faint);border:1px solid "
    "var(--line);border-radius:6px;padding:.7rem 1rem;overflow-x:auto;white-space:pre;overflow-wrap:normal}\n"
    "nav ol{display:flex;flex-wrap:wrap;gap:.2rem 1.4rem;list-style:none;margin:.8rem 0;padding:.5rem 0;"
    "border-block:1px solid var(--line)}\n"
    ".lead{font-size:1.05rem}.note,.sentence,.unit{color:var(--soft);font-weight:400}.note{font-size:.9rem}\n"
    ".reason{color:var(--amber-ink);font-weight:400}p.reason{background:var(--amber);border-radius:6px;"
    "padding:.4rem .7rem}\n"
    "details{margin:.55rem 0;border:1px solid var(--line);border-radius:6px;padding:0 .8rem}\n"
    "summary{cursor:pointer;padding:.5rem 0;color:var(--link)}details[open]{padding-bottom:.6rem}\n";

static const char tables[] =
    ".scroll{overflow-x:auto;margin:.8rem 0 1.4rem;max-width:100%}\n"
    "table{min-width:min(100%,34rem);border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem;line-"
    "height:1.35}\n"
    "caption{text-align:left;padding:.3rem 0 .5rem;color:var(--soft)}caption "
    "span{position:sticky;left:0;display:inline-block;max-width:min(75ch,calc(100vw - 1.7rem))}caption "
    "b{color:var(--ink)}\n"
    "th,td{padding:.32rem .7rem;text-align:right;vertical-align:top;border-bottom:1px solid var(--line)}\n"
    "thead th{border-bottom:2px solid var(--line);vertical-align:bottom;background:var(--ground);text-align:right}\n"
    "th[scope=colgroup]{text-align:center}th[scope=row]{text-align:left;font-weight:500}thead tr:first-child "
    "th:first-child,td.text,td.word,th.text{text-align:left}\n"
    "th.group{text-align:left;background:var(--faint);font-weight:600}\n"
    "td small,td .under{display:block;color:var(--soft);white-space:nowrap}td{white-space:nowrap}\n"
    "th.path{min-width:17rem;overflow-wrap:anywhere}td.text{white-space:normal;min-width:9rem;overflow-wrap:anywhere}"
    "td.empty{color:var(--soft)}\n"
    "table.matrix th[scope=row] small,th[scope=row] "
    "small{display:block;text-align:left;color:var(--soft);font-weight:400;max-width:24rem}.all{white-space:nowrap}\n"
    "th.group .sentence,th.group .reason{font-size:.85rem}abbr{text-decoration:none}\n"
    "table.matrix td{padding:.25rem .4rem}table.matrix .judgement{display:block;text-align:center}table.matrix "
    "small{text-align:center}\n"
    "table.matrix thead th{text-align:center}table.matrix td:nth-of-type(1){border-left:1px solid var(--line)}\n"
    "table.matrix th[scope=row]{min-width:12rem;position:sticky;left:0;background:var(--ground)}\n"
    ".skip{position:absolute;left:-99rem}.skip:focus{position:static;display:inline-block;padding:.5rem "
    "1.25rem}main:focus{outline:none}\n"
    ".judgement{border-radius:5px;padding:.05rem .4rem;white-space:nowrap}.sign{font-weight:700}\n"
    ".similar{background:var(--green);color:var(--green-ink)}.undecided{background:var(--amber);color:var(--amber-ink)}"
    "\n"
    ".different{background:var(--red);color:var(--red-ink)}td small.few{color:var(--amber-ink)}\n"
    ".none{color:var(--soft)}\n"
    ".legend{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;padding:0;margin:.6rem 0;font-size:.9rem}\n"
    "dl{display:grid;grid-template-columns:minmax(9rem,max-content) 1fr;gap:.25rem 1.2rem;font-size:.92rem}\n"
    "dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}\n";

static const char figures[] =
    "figure{margin:0;min-width:0}figcaption{font-size:.9rem;color:var(--soft);padding:.2rem 0}figcaption "
    "b{color:var(--ink)}\n"
    ".figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1rem;"
    "margin:1rem 0}\n"
    ".level{display:flex;flex-wrap:wrap;gap:0 2rem;align-items:flex-start}.level>.tables{flex:0 0 "
    "auto;width:min-content;min-width:min(100%,38rem);"
    "max-width:100%}.level>.tables th[scope=row]{min-width:16rem}.level>.quantities{flex:1 1 "
    "27rem;min-width:0}.quantities>.figures{grid-template-columns:"
    "repeat(auto-fit,minmax(min(100%,14rem),1fr));gap:.4rem 1rem;margin:.4rem 0}.data{font-size:.85em}\n"
    ".distributions>.figures{grid-template-columns:repeat(auto-fill,minmax(min(100%,18rem),1fr));gap:.4rem "
    "1rem;margin:.4rem 0}"
    ".level+.distributions{margin-top:.8rem}\n"
    ".levels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,34rem),1fr));gap:0 "
    "2rem}.levels>div{min-width:0}\n"
    ".verdicts{list-style:none;padding:0;margin:.8rem 0}.verdicts li{margin:.5rem 0}\n"
    ".bar{display:inline-flex;width:9rem;height:.8rem;border-radius:3px;overflow:hidden;vertical-align:-.05rem;"
    "margin:0 .5rem;background:var(--faint)}.bar .similar{background:#3c9f68}.bar .different{background:#c9505a}"
    ".bar .undecided{background:#e0b34a}\n"
    ".meaning{white-space:nowrap}.key{display:inline-block;width:.8rem;height:.8rem;border-radius:2px;vertical-align:-."
    "05rem}"
    ".key.similar{background:#3c9f68}.key.higher{background:#c9505a}.key.lower{background:#4482c3}"
    ".key.undecided{background:#e0b34a}\n"
    ".plot.overview{max-width:none}.plot.overview svg{min-width:46rem}\n"
    "figure svg{width:100%;height:auto;display:block}.plot{max-width:34rem}.plot.map{max-width:46rem}\n"
    ".plot text{fill:var(--ink)}.plot g[color=black]{color:var(--soft)}.plot [stroke=black]{stroke:var(--soft)}.plot "
    "use[color=white]{color:var(--ground)}\n"
    ".chain{border:1px solid var(--line);border-radius:6px;padding:.4rem;overflow-x:auto}.chain svg{min-width:16rem;"
    "max-width:34rem;margin:0 auto}.large .chain{margin:1rem 0}.large .chain svg{min-width:52rem;max-width:none}\n"
    ".chain text{fill:var(--ink);font-family:system-ui,\"DejaVu Sans\",sans-serif}\n"
    ".chain .node ellipse,.chain .node polygon,.chain .node path{fill:var(--node);stroke:var(--soft)}\n"
    ".chain .edge path{stroke:var(--soft);fill:none}.chain .edge polygon{fill:var(--soft);stroke:var(--soft)}\n"
    ".chain .only path{stroke:var(--only)}.chain .only polygon{fill:var(--only);stroke:var(--only)}\n"
    ".chain .only text{fill:var(--only);font-weight:700}\n"
    ".chain .some path{stroke:var(--some)}.chain .some polygon{fill:var(--some);stroke:var(--some)}\n"
    ".chain .some text{fill:var(--some)}\n"
    ".chain g.absent{opacity:.5}.chain .edge.absent text{opacity:0}\n"
    ".line{display:inline-block;width:2rem;border-top:3px solid var(--soft);vertical-align:middle}\n"
    ".line.only{border-color:var(--only)}.line.some{border-color:var(--some)}.line.absent{border-top:2px dotted "
    "var(--soft);opacity:.6}\n";

static const char narrow_and_print[] =
    "@media (max-width:40rem){body{font-size:15px}header,main,footer{padding:0 .8rem}h1{font-size:1.5rem}"
    "th,td{padding:.28rem .45rem}table{font-size:.84rem}table.matrix "
    "th[scope=row]{position:static}dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}}\n"
    "@media (max-width:40rem){.level>.tables th[scope=row]{min-width:9rem}}\n"
    "@media print{:root{color-scheme:light}body{font-size:10pt}nav,.skip{display:none}.scroll{overflow:visible}"
    "table{font-size:7pt}td,td small,td .under{white-space:normal}"
    "details::details-content{content-visibility:visible;block-size:auto}"
    ""
    "h2,h3,caption{break-after:avoid}figure,tr{break-inside:avoid}.judgement,.bar,.bar "
    "span,.key{print-color-adjust:exact;-webkit-print-color-adjust:exact}header,main,footer{max-width:none}}\n";

void tb_section_style(struct tb_html *html)
{
    tb_html_markup(html, "<style>\n");
    tb_html_markup(html, colours);
    tb_html_markup(html, page);
    tb_html_markup(html, tables);
    tb_html_markup(html, figures);
    tb_html_markup(html, narrow_and_print);
    tb_html_markup(html, "</style>\n");
}
