// Runs once, when the page is built. `element` stays while its contents are replaced by other results.
const root = document.documentElement;
const phone = matchMedia('(max-width: 48rem)');
const calm = matchMedia('(prefers-reduced-motion: reduce)');

// A live region that is there before the results are, so that a screen reader says what is going on.
const live = document.createElement('p');
live.className = 'zoo-unseen';
live.setAttribute('role', 'status');
live.setAttribute('aria-live', 'polite');
element.before(live);

let scrolls = false;
let waits = 0;

function updated() {
  const slider = element.querySelector('[data-zoo=opacity]');
  const opacity = root.style.getPropertyValue('--zoo-heat');
  if (slider && opacity) slider.value = Number(opacity) * 100;
  const said = element.querySelector('.zoo-working, .zoo-verdict, .zoo-note');
  const text = said ? said.innerText.replace(/\s+/g, ' ').trim() : '';
  if (live.textContent !== text) live.textContent = text;
  const working = element.querySelector('.zoo-working');
  element.setAttribute('aria-busy', working ? 'true' : 'false');
  clearInterval(waits);
  if (working) {
    waits = setInterval(waiting, 1000);
    if (working.dataset.scroll) scrolls = true;
  }
  if (scrolls && phone.matches && said) {
    (element.closest('#results') ?? element).scrollIntoView({block: 'start', behavior: calm.matches ? 'auto' : 'smooth'});
    if (!working) scrolls = false;
  }
}

// How many requests wait for the models, while this one does.
async function waiting() {
  const place = element.querySelector('.zoo-working [data-zoo=waiting]');
  if (!place) return;
  try {
    const answer = await fetch(new URL('gradio_api/queue/status', document.baseURI));
    const {queue_size: size} = await answer.json();
    place.textContent = size > 0 ? `${size} request${size > 1 ? 's' : ''} wait${size > 1 ? '' : 's'} in the queue.` : '';
  } catch { /* the server may be gone, which the page says elsewhere */ }
}

new MutationObserver(updated).observe(element, {childList: true, subtree: true});

element.addEventListener('input', event => {
  if (event.target.matches('[data-zoo=opacity]')) root.style.setProperty('--zoo-heat', event.target.value / 100);
});

// All maps are linked: a cross at the same place of every one.
function pointAt(x, y) {
  const results = element.querySelector('.zoo-results');
  results.style.setProperty('--x', `${x * 100}%`);
  results.style.setProperty('--y', `${y * 100}%`);
  results.classList.add('zoo-pointed');
}

element.addEventListener('pointermove', event => {
  const stack = event.target.closest('.zoo-stack');
  if (!stack) return element.querySelector('.zoo-pointed')?.classList.remove('zoo-pointed');
  const box = stack.getBoundingClientRect();
  pointAt((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
});
element.addEventListener('pointerleave', () => element.querySelector('.zoo-pointed')?.classList.remove('zoo-pointed'));

element.addEventListener('keydown', event => {
  const stack = event.target.closest('.zoo-stack');
  const step = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
  if (!stack) return;
  if (step) {
    const style = element.querySelector('.zoo-results').style;
    const [x, y] = ['--x', '--y'].map(name => parseFloat(style.getPropertyValue(name) || '50') / 100);
    pointAt(Math.min(1, Math.max(0, x + step[0] / 20)), Math.min(1, Math.max(0, y + step[1] / 20)));
    event.preventDefault();
  } else if (event.key === 'Enter' || event.key === ' ') {
    enlarge(stack);
    event.preventDefault();
  }
});

element.addEventListener('click', event => {
  if (event.target.closest('[data-zoo=png]')) return savePicture();
  const stack = event.target.closest('.zoo-stack');
  if (stack) enlarge(stack);
});

function enlarge(stack) {
  const dialog = document.createElement('dialog');
  dialog.className = 'zoo-large';
  dialog.style.setProperty('--tile', getComputedStyle(stack).getPropertyValue('--tile'));
  const title = document.createElement('h2');
  title.textContent = stack.closest('.zoo-card').querySelector('h2').textContent;
  const close = document.createElement('button');
  close.type = 'button';
  close.textContent = 'Close';
  close.addEventListener('click', () => dialog.close());
  const head = document.createElement('header');
  head.append(title, close);
  const copy = stack.cloneNode(true);
  copy.removeAttribute('tabindex');
  const caption = stack.parentElement.querySelector('figcaption').cloneNode(true);
  dialog.append(head, copy, caption);
  dialog.setAttribute('aria-label', title.textContent);
  dialog.addEventListener('click', event => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener('close', () => { dialog.remove(); stack.focus(); });
  element.closest('.gradio-container').append(dialog);
  dialog.showModal();
}

// The tile and all maps, side by side, as one picture that is drawn in the browser and sent nowhere.
async function savePicture() {
  const results = element.querySelector('.zoo-results');
  const whole = new Image();
  whole.src = results.style.getPropertyValue('--tile').replace(/^\s*url\("?|"?\)\s*$/g, '');
  await whole.decode();
  const cards = [...element.querySelectorAll('.zoo-card')];
  const side = 420, gap = 24, lines = 92, bottom = 44;
  const height = Math.round(side * whole.naturalHeight / whole.naturalWidth);
  const columns = Math.min(cards.length, 3), rows = Math.ceil(cards.length / columns);
  const canvas = document.createElement('canvas');
  canvas.width = gap + columns * (side + gap);
  const width = canvas.width - 2 * gap;
  const ink = canvas.getContext('2d');
  const sentence = brokenInto(ink, element.querySelector('.zoo-verdict').innerText, '600 20px system-ui', width);
  const top = 34 + 28 * sentence.length;
  canvas.height = top + rows * (height + lines) + bottom;
  const write = (text, x, y, font, color, width) => {
    ink.font = `${font} system-ui, sans-serif`;
    ink.fillStyle = color;
    while (text.length > 2 && ink.measureText(text).width > width) text = `${text.slice(0, -2).trimEnd()}…`;
    ink.fillText(text, x, y);
  };
  ink.fillStyle = 'white';
  ink.fillRect(0, 0, canvas.width, canvas.height);
  sentence.forEach((line, index) => write(line, gap, 36 + 28 * index, '600 20px', '#0f172a', width));
  cards.forEach((card, index) => {
    const x = gap + index % columns * (side + gap);
    const y = top + Math.floor(index / columns) * (height + lines);
    ink.drawImage(whole, x, y, side, height);
    const layer = card.querySelector('.zoo-seen');
    if (layer) drawLayer(ink, layer, {x, y, width: side, height});
    write(card.querySelector('h2').textContent, x, y + height + 24, '600 17px', '#0f172a', side);
    write((card.querySelector('.zoo-answer')?.innerText ?? '').replace(/\(.*/, ''), x, y + height + 46, '15px', '#0f172a', side);
    write(card.querySelector('figcaption p')?.innerText ?? '', x, y + height + 66, '13px', '#475569', side);
  });
  const foot = 'For research and teaching. Not a medical device, and not for diagnosis. Made with histozoo.';
  write(foot, gap, canvas.height - 18, '13px', '#475569', width);
  const link = document.createElement('a');
  link.download = 'histozoo-comparison.png';
  link.href = canvas.toDataURL('image/png');
  link.click();
}

function brokenInto(ink, text, font, width) {
  ink.font = font;
  const lines = [];
  for (const word of text.split(/\s+/)) {
    const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
    if (lines.length && ink.measureText(longer).width <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function drawLayer(ink, layer, {x, y, width, height}) {
  const part = name => parseFloat(layer.style[name]) / 100;
  const box = [x + part('left') * width, y + part('top') * height, part('width') * width, part('height') * height];
  ink.save();
  ink.fillStyle = 'rgb(255 255 255 / 0.6)';
  ink.beginPath();
  ink.rect(x, y, width, height);
  ink.rect(...box);
  ink.fill('evenodd');
  ink.globalAlpha = Number(getComputedStyle(root).getPropertyValue('--zoo-heat') || 0.55);
  ink.imageSmoothingEnabled = false;
  ink.drawImage(layer.querySelector('img'), ...box);
  ink.restore();
}

// A file that is no image has no preview. The tile may be built after this has run, so that the page listens for it.
for (const type of ['load', 'error']) {
  document.addEventListener(type, event => {
    const tile = event.target.matches?.('img') && event.target.closest('#tile');
    if (tile) tile.classList.toggle('zoo-nopreview', type === 'error');
  }, true);
}

// Gradio gives its upload buttons a label that is not what can be read on them; without it, that is their name. What
// was said of a file is not said once it is removed.
function tidyUploads() {
  const plain = document.querySelector('#tile.zoo-nopreview:not(:has(img))');
  if (plain) plain.classList.remove('zoo-nopreview');
  for (const button of document.querySelectorAll('button.upload-container, button[aria-dropeffect]')) {
    if (button.hasAttribute('aria-label') && button.innerText.trim()) button.removeAttribute('aria-label');
  }
}
new MutationObserver(tidyUploads).observe(document.body, {childList: true, subtree: true});
tidyUploads();
updated();
