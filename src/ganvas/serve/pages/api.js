// @ts-check
// The plain page of the generation server: its models, and forms for samples and translations.

let token = '';

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * @param {string} name
 * @param {Record<string, string>} properties
 * @param {(Node | string)[]} children
 */
function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/**
 * @param {string} path
 * @param {RequestInit} options
 */
async function answer(path, options = {}) {
  const headers = new Headers(options.headers);
  if (token) headers.set('Authorization', `Bearer ${token}`);
  const found = await fetch(path, { ...options, headers });
  if (found.ok) return found;
  const text = await found.text();
  let what = `The server answered ${found.status}.`;
  try { what = JSON.parse(text).error.what; } catch { /* no sentence of the server */ }
  throw Object.assign(new Error(what), { status: found.status });
}

/**
 * A form whose answer is shown as a picture.
 * @param {Node[]} fields
 * @param {string} button
 * @param {(form: FormData) => Promise<Response>} ask
 */
function pictured(fields, button, ask) {
  const shown = element('p'), form = /** @type {HTMLFormElement} */ (element('form', {}, ...fields, element('button', {}, button)));
  let address = '';
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    shown.className = '';
    shown.replaceChildren('Computing.');
    try {
      const found = await (await ask(new FormData(form))).blob();
      URL.revokeObjectURL(address);
      address = URL.createObjectURL(found);
      shown.replaceChildren(element('img', { src: address, alt: 'The result' }));
    } catch (error) {
      shown.className = 'fault';
      shown.replaceChildren(String(/** @type {Error} */ (error).message));
    }
  });
  return [form, shown];
}

/** @param {any} model */
function samplesForm(model) {
  const fields = [
    element('label', {}, 'Samples', element('input', { name: 'n', type: 'number', min: '1', max: String(model.limits.samples), value: '16' })),
    element('label', {}, 'Seed', element('input', { name: 'seed', type: 'number', min: '0', value: '0' })),
  ];
  if (model.classes.length) {
    const options = model.classes.map((/** @type {string} */ name, /** @type {number} */ number) => element('option', { value: String(number) }, name));
    fields.push(element('label', {}, 'Class', element('select', { name: 'class' }, element('option', { value: '' }, 'all in turn'), ...options)));
  }
  return pictured(fields, 'Make samples', (form) => {
    const chosen = form.get('class');
    const body = { n: Number(form.get('n')), seed: Number(form.get('seed')), classes: chosen ? Number(chosen) : null };
    const headers = { 'Content-Type': 'application/json' };
    return answer(`v1/models/${model.name}/samples`, { method: 'POST', headers, body: JSON.stringify(body) });
  });
}

/** @param {any} model */
function translationForm(model) {
  const file = element('label', {}, 'Picture', element('input', { name: 'picture', type: 'file', accept: 'image/*', required: '' }));
  return pictured([file], 'Translate', (form) => {
    const picture = /** @type {File} */ (form.get('picture'));
    const headers = { 'Content-Type': picture.type || 'image/png' };
    return answer(`v1/models/${model.name}/translations`, { method: 'POST', headers, body: picture });
  });
}

/** @param {any} model */
function section(model) {
  const facts = [`${model.domain} ${model.shape.join(' x ')}`, `checkpoint ${model.checkpoint}`, model.licence || 'no licence stated'];
  const scores = model.scores.map((/** @type {any} */ score) => `${score.name} ${Number(score.value).toPrecision(3)}`);
  return element('section', {}, element('h2', {}, model.name), element('p', {}, facts.join(' · ')),
    element('p', {}, scores.length ? `Scores on val: ${scores.join(', ')}` : 'No scores.'),
    ...(model.samples ? samplesForm(model) : []), ...(model.translations ? translationForm(model) : []));
}

async function load() {
  try {
    const { models } = await (await answer('v1/models')).json();
    byId('access').hidden = true;
    byId('status').textContent = `${models.length} ${models.length === 1 ? 'model' : 'models'}. What they make is marked as generated.`;
    byId('models').replaceChildren(...models.map(section));
  } catch (error) {
    const fault = /** @type {any} */ (error);
    byId('access').hidden = fault.status !== 401;
    byId('status').textContent = fault.status === 401 ? 'This server needs a token.' : fault.message;
  }
}

byId('access').addEventListener('submit', (event) => {
  event.preventDefault();
  token = /** @type {HTMLInputElement} */ (byId('token')).value;
  load();
});
load();
