// What looks wrong on a page, measured in the browser: text that is cut, text that lies beside the page, and text
// that does not stand out from its ground.

import type { Page } from 'playwright-core';

/**
 * The text of a program for the browser. Its value is a list of faults. Text that ends with an ellipsis on purpose
 * has the whole elsewhere: a message in the detail and in its title, bytes in the ruler, a framing in its title.
 */
const MEASURE = `(() => {
  const faults = [];
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const SHORTENED = '.message, .preview, .preview *, .status code';
  // Width in px below which what is left of a shortened text says nothing.
  const TELLING = 60;

  const nameOf = (element) => {
    const words = (element.innerText ?? element.value ?? '').replace(/\\s+/g, ' ').slice(0, 30);
    return element.tagName.toLowerCase() + (element.className ? '.' + element.className : '') + ' "' + words + '"';
  };
  const isShown = (element) =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    element.closest('.visually-hidden, .skip, dialog:not([open])') === null;

  // Any colour, as four numbers from 0 to 1, by painting it.
  const channels = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].map((channel) => channel / 255);
  };
  const over = ([r, g, b, a], below, opacity = 1) =>
    [r, g, b].map((channel, i) => channel * a * opacity + below[i] * (1 - a * opacity));
  const luminance = (colour) => {
    const [r, g, b] = colour.map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const groundOf = (element) => {
    const chain = [];
    for (let one = element; one !== null; one = one.parentElement) {
      chain.unshift(getComputedStyle(one).backgroundColor);
    }
    return chain.reduce((below, colour) => over(channels(colour), below), [1, 1, 1]);
  };
  const opacityOf = (element) => {
    let opacity = 1;
    for (let one = element; one !== null; one = one.parentElement) {
      opacity *= Number(getComputedStyle(one).opacity);
    }
    return opacity;
  };
  const judge = (element, colour, what) => {
    const ground = groundOf(element);
    const ratio = contrast(over(channels(colour), ground, opacityOf(element)), ground);
    if (ratio < 4.5) {
      faults.push('contrast ' + ratio.toFixed(1) + ': ' + what + nameOf(element));
    }
  };

  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) {
    faults.push('the page is ' + wide + ' px wider than the window');
  }
  for (const element of document.body.querySelectorAll('*')) {
    if (!isShown(element) || element.clientWidth === 0) {
      continue;
    }
    const style = getComputedStyle(element);
    const isCut = /hidden|clip/.test(style.overflowX) && element.scrollWidth > element.clientWidth;
    if (isCut && (!element.matches(SHORTENED) || element.clientWidth < TELLING)) {
      faults.push('cut ' + element.clientWidth + ' of ' + element.scrollWidth + ' px: ' + nameOf(element));
    }
    if (element.placeholder) {
      const { font, color } = getComputedStyle(element, '::placeholder');
      canvas.font = font;
      const room = element.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      const length = canvas.measureText(element.placeholder).width;
      if (length > room) {
        faults.push('cut ' + Math.floor(room) + ' of ' + Math.ceil(length) + ' px: ' + element.placeholder);
      }
      judge(element, color, element.placeholder);
    }
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
    if (hasText && !element.closest(':disabled')) {
      judge(element, style.color, '');
    }
  }
  return [...new Set(faults)];
})()`;

/** Measures what a person sees now. */
export function faultsOfLook(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(MEASURE);
}
