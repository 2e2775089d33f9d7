/**
 * The page's only script, and it may be missing: the choices work in the style sheet. It keeps the document's language and
 * title in step with the edition shown, and says how many measures a filter leaves.
 */
export const boardScript = `'use strict';
const root = document.documentElement;
function showLanguage() {
  const chosen = document.querySelector('[name="language"]:checked');
  if (!chosen) return;
  root.lang = chosen.dataset.lang;
  document.title = chosen.dataset.title;
}
function count(form) {
  const edition = form.closest('.edition');
  const all = [...edition.querySelectorAll('.measure')];
  const shown = all.filter((each) => getComputedStyle(each).display !== 'none').length;
  const status = form.querySelector('[data-count]');
  status.textContent = shown === all.length ? '' : status.dataset.count.replace('{shown}', shown).replace('{all}', all.length);
}
for (const radio of document.querySelectorAll('[name="language"]')) radio.addEventListener('change', showLanguage);
for (const form of document.querySelectorAll('.filter')) {
  form.addEventListener('change', () => count(form));
  form.addEventListener('submit', (event) => event.preventDefault());
}
showLanguage();`;
