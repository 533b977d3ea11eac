// SPDX-License-Identifier: GPL-3.0-or-later
// Opens pages in a real browser, as people do who read them on a desk, a phone and on paper, by eye, ear or keyboard.
//
//   node check_pages.js BROWSER FOLDER PAGE.html...
//
// Pictures of what was seen are left in FOLDER. Each fault is one line; exit status 1 when there is one.
'use strict';

const fs = require('fs');
const path = require('path');
const {chromium} = require('playwright-core');

const [program, folder, ...pages] = process.argv.slice(2);
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = [1400, 800, 390];
const SCHEMES = ['light', 'dark'];
const RULES_OF_LAYOUT = ['scrollable-region-focusable', 'target-size'];
const HEIGHT = 900;
const SCREENS = 8; // of HEIGHT, at the first width, with the folds as they are
const faults = [];

function fault(where, text) {
    faults.push(`${where}: ${text}`);
}

// What does not depend on the width.
function findInText() {
    const found = [];
    const report = (elements, what) => {
        if (elements.length > 0)
            found.push(`${elements.length} ${what}: ${elements[0].outerHTML.slice(0, 100)}`);
    };
    report(document.querySelectorAll(':is(h1, h2, h3, h4, h5, h6):not([id])'), 'headings have no id');
    // What a title says is not seen on touch, by keyboard or on paper.
    report(document.querySelectorAll('[title], svg title, svg desc'), 'elements say something in a title only');
    const seen = new Set();
    report([...document.querySelectorAll('[id]')].filter(element => seen.has(element.id) || !seen.add(element.id)),
           'ids are there twice');
    return found;
}

function setFolds(open) {
    for (const fold of document.querySelectorAll('details'))
        fold.open = open;
}

// Elements that stick out, where the page can be moved sideways.
function findTooWide() {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width)
        return [];
    return [...document.querySelectorAll('body *')]
        .filter(element => element.getBoundingClientRect().right > width + 1 && !element.closest('.scroll, pre, .chain'))
        .slice(0, 3).map(element => element.outerHTML.slice(0, 100));
}

// What says something by its colour alone is printed with it.
function findBlankOnPaper() {
    return [...document.querySelectorAll('.judgement, .bar span, .key')]
        .filter(element => getComputedStyle(element).printColorAdjust !== 'exact')
        .slice(0, 1).map(element => element.outerHTML.slice(0, 100));
}

async function checkAccess(page, where, rules) {
    const results = await page.evaluate(rules => axe.run(document, {resultTypes: ['violations'], ...rules}), rules);
    for (const found of results.violations)
        if (found.impact !== 'minor')
            fault(where, `${found.impact} ${found.id}, ${found.nodes.length} times: ${found.nodes[0].html.slice(0, 160)}`);
}

// Every width, with the folds open and closed, in both schemes. What colours are does not depend on the width, nor what
// elements are called on either, so that not every rule need be asked each time.
async function checkLooks(page, name) {
    for (const width of WIDTHS) {
        await page.setViewportSize({width, height: HEIGHT});
        for (const open of [true, false]) {
            const where = `${name}, ${width} px, folds ${open ? 'open' : 'closed'}`;
            await page.evaluate(setFolds, open);
            for (const element of await page.evaluate(findTooWide))
                fault(where, `the page can be moved sideways: ${element}`);
            await checkAccess(page, where, width === WIDTHS[0] && open ? {} : {runOnly: RULES_OF_LAYOUT});
        }
        for (const scheme of SCHEMES) {
            await page.emulateMedia({colorScheme: scheme});
            await page.screenshot({path: path.join(folder, `${name}-${width}-${scheme}.png`), fullPage: true});
        }
        await page.emulateMedia({colorScheme: 'light'});
    }
    await page.evaluate(setFolds, true);
    await page.emulateMedia({colorScheme: 'dark'});
    await checkAccess(page, `${name}, dark`, {runOnly: ['color-contrast']});
    await page.evaluate(setFolds, false);
    await page.emulateMedia({colorScheme: 'light'});
}

// From the top of the page by the tabulator key: what gets the focus, in turn.
async function tabThrough(page) {
    await page.evaluate(() => {
        window.scrollTo(0, 0);
        window.reached = [];
        document.addEventListener('focusin', event => window.reached.push(event.target));
    });
    for (let presses = 0, before = -1, now = 0; presses < 20000 && now !== before; presses += 50) {
        before = now;
        for (let i = 0; i < 50; i++)
            await page.keyboard.press('Tab');
        now = await page.evaluate(() => new Set(window.reached).size);
    }
}

function findUnreached() {
    const order = [...new Set(window.reached)];
    const found = [];
    if (!order.length || order[0].getAttribute('href') !== '#content')
        found.push('the first stop is not the link over the contents');
    const back = order.filter((element, i) =>
        i > 0 && !(order[i - 1].compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING));
    if (back.length > 0)
        found.push(`${back.length} stops are not in the order of the page: ${back[0].outerHTML.slice(0, 80)}`);
    const scrolls = element => element.scrollWidth > element.clientWidth && getComputedStyle(element).overflowX === 'auto';
    const left = [...document.querySelectorAll('body *')].filter(element => element.checkVisibility() &&
        (element.matches('summary, a[href]') || scrolls(element)) && !order.includes(element));
    if (left.length > 0)
        found.push(`${left.length} not reached by keyboard: ${left[0].outerHTML.slice(0, 80)}`);
    return found;
}

async function checkKeyboard(page, name, width) {
    await tabThrough(page);
    for (const found of await page.evaluate(findUnreached))
        fault(`${name}, ${width} px`, found);
}

// Waits until the page is drawn: what is folded changes with the next picture only.
function findUnprinted() {
    const find = () => [...document.querySelectorAll('details > :not(summary)')]
        .filter(element => element.textContent.trim() !== '')
        .filter(element => !element.checkVisibility({contentVisibilityAuto: true}) || element.offsetHeight === 0)
        .map(element => element.outerHTML.slice(0, 80));
    return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(find()))));
}

// Paper cannot be unfolded.
async function checkPrint(page, name) {
    await page.emulateMedia({media: 'print', colorScheme: 'light'});
    const hidden = await page.evaluate(findUnprinted);
    if (hidden.length > 0)
        fault(`${name}, print`, `${hidden.length} folded elements are not printed: ${hidden[0]}`);
    for (const element of await page.evaluate(findBlankOnPaper))
        fault(`${name}, print`, `a colour is left out on paper: ${element}`);
    await page.emulateMedia({media: null, colorScheme: 'light'});
}

async function checkPage(browser, file) {
    const name = path.basename(file, '.html');
    const page = await browser.newPage({viewport: {width: WIDTHS[0], height: HEIGHT}});
    const address = `file://${path.resolve(file)}`;
    page.on('request', request => {
        if (request.url() !== address && !request.url().startsWith('data:'))
            fault(name, `the page loads ${request.url().slice(0, 100)}`);
    });
    page.on('console', message => {
        if (message.text().includes('Content Security Policy'))
            fault(name, `against the page's own policy: ${message.text().slice(0, 160)}`);
    });
    await page.goto(address);
    for (const found of await page.evaluate(findInText))
        fault(name, found);
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    if (height > SCREENS * HEIGHT)
        fault(name, `${(height / HEIGHT).toFixed(1)} screens high, not ${SCREENS}`);
    await checkPrint(page, name);
    await page.evaluate(axe);
    await checkLooks(page, name);
    await checkKeyboard(page, name, WIDTHS[WIDTHS.length - 1]);
    await page.close();
}

(async () => {
    const browser = await chromium.launch({executablePath: program, args: ['--no-sandbox', '--disable-dev-shm-usage']});
    for (const file of pages) {
        const begin = Date.now();
        await checkPage(browser, file);
        console.log(`${path.basename(file)}: ${((Date.now() - begin) / 1000).toFixed(1)} s`);
    }
    await browser.close();
    for (const text of faults.slice(0, 60))
        console.log(text);
    if (faults.length > 60)
        console.log(`and ${faults.length - 60} more faults`);
    process.exitCode = faults.length === 0 ? 0 : 1;
})();
