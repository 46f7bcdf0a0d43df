// The box above the table of formats: it leaves the rows that have what a person writes. The table itself is that
// of docs/formats.md.

import { useData } from 'vitepress';
import type { Component, VNode } from 'vue';
import { defineComponent, h, onMounted, ref } from 'vue';

/** Heading in front of the table. */
const TABLE = 'the-table';

/** Hides what does not have the words. Returns the number of rows that are left. */
function filter(words: string): number {
  const wanted = words.trim().toLowerCase().split(/\s+/);
  let left = 0;
  for (const table of document.querySelectorAll<HTMLTableElement>(`#${TABLE} ~ table`)) {
    const heading = headingOf(table);
    if (heading !== undefined) {
      let here = 0;
      for (const row of table.tBodies[0]?.rows ?? []) {
        const text = row.textContent.toLowerCase();
        row.hidden = !wanted.every((word) => text.includes(word));
        here += row.hidden ? 0 : 1;
      }
      table.hidden = here === 0;
      heading.hidden = here === 0;
      left += here;
    }
  }
  return left;
}

/** The heading of a family of formats. Other tables stand under other headings. */
function headingOf(table: HTMLTableElement): HTMLElement | undefined {
  const before = table.previousElementSibling;
  return before instanceof HTMLElement && before.tagName === 'H3' ? before : undefined;
}

const FilterBox: Component = defineComponent(() => {
  const box = ref<HTMLElement | null>(null);
  const count = ref(0);
  const { lang } = useData();
  onMounted(() => {
    count.value = filter('');
    if (box.value !== null) {
      document.getElementById(TABLE)?.after(box.value);
    }
  });
  const onInput = ({ currentTarget }: Event): void => {
    if (currentTarget instanceof HTMLInputElement) {
      count.value = filter(currentTarget.value);
    }
  };
  return (): VNode => {
    const isChinese = lang.value.startsWith('zh');
    return h('p', { ref: box, class: 'format-filter' }, [
      h('label', [
        isChinese ? '查找协议 ' : 'Find a protocol ',
        h('input', { type: 'search', id: 'format-filter', onInput }),
      ]),
      h('span', { role: 'status' }, isChinese ? `${count.value} 行` : `${count.value} rows`),
    ]);
  };
});

/** The box, on the page of the formats alone. */
export const FormatFilter: Component = defineComponent(() => {
  const { page } = useData();
  return (): VNode[] =>
    /(?:^|\/)formats\.md$/.test(page.value.relativePath)
      ? [h(FilterBox, { key: page.value.relativePath })]
      : [];
});
