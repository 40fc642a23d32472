// Opens pages of the probe in a headless browser, and tells what a reader would see of each: `node look.js PAGE ...`.
// One line of JSON a page.

import { pathToFileURL } from "node:url";
import chromium from "@sparticuz/chromium";
import { chromium as browsers } from "playwright-core";

// Containers have no sandbox to offer; the pages are our own.
const browser = await browsers.launch({ executablePath: await chromium.executablePath(), args: ["--no-sandbox"] });
for (const path of process.argv.slice(2)) {
  const page = await browser.newPage({ viewport: { width: 1000, height: 800 } });
  const complaints = [];
  const requests = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  const address = pathToFileURL(path).href;
  await page.goto(address);
  const boxes = (selector) =>
    page.$$eval(selector, (elements) =>
      elements.map((element) => {
        const { width, height } = element.getBoundingClientRect();
        return { width, height, text: element.textContent, color: element.getAttribute("stroke") };
      }),
    );
  const seen = {
    complaints,
    // The page needs nothing else.
    others: requests.filter((url) => url !== address),
    version: browser.version(),
    headings: await boxes("h2"),
    tables: await boxes("table"),
    heads: await boxes("tr:first-child th:not(:empty)"),
    plots: await boxes("svg"),
    lines: await boxes("svg polyline"),
    overflows: await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth),
  };
  console.log(JSON.stringify(seen));
  await page.close();
}
await browser.close();
