// Takes the secret of a one-time link out of the address and sends it in the form's body, so
// that it stands in no log, no history entry and no Referer.
const form = document.querySelector('form[data-one-time-link]')
const secret = location.hash.slice(1)
if (form && secret) {
  history.replaceState(null, '', location.pathname)
  form.elements.code.value = secret
  form.requestSubmit()
}
