// Asks the browser for a passkey (`create`) or its answer (`get`) and sends it with the form.
// What the hub offers stands as JSON in the page; nothing else is fetched.
const form = document.querySelector('form[data-passkey]')
const button = form.querySelector('[data-passkey-button]')
const notice = form.querySelector('[data-passkey-notice]')

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

const named = (list) => (list ?? []).map((entry) => ({ ...entry, id: bytes(entry.id) }))

async function create (options) {
  return navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      // Asked for when a passkey is made, or it can never open a vault.
      extensions: { ...options.extensions, prf: {} },
      excludeCredentials: named(options.excludeCredentials)
    }
  })
}

async function get (options) {
  return navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: named(options.allowCredentials)
    }
  })
}

function written (credential) {
  const response = { clientDataJSON: text(credential.response.clientDataJSON) }
  for (const part of ['attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (credential.response[part]) response[part] = text(credential.response[part])
  }
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response
  })
}

async function ask () {
  notice.hidden = true
  try {
    const offered = JSON.parse(document.getElementById('passkey-data').textContent)
    const credential = form.dataset.passkey === 'create'
      ? await create(offered.creation_options.publicKey)
      : await get(offered.request_options.publicKey)
    form.elements.credential.value = written(credential)
    form.submit()
  } catch (error) {
    notice.textContent = error.name === 'InvalidStateError'
      ? form.dataset.known
      : form.dataset.failed
    notice.hidden = false
  }
}

if (window.PublicKeyCredential) {
  button.hidden = false
  button.addEventListener('click', ask)
} else {
  notice.textContent = form.dataset.missing
  notice.hidden = false
}
