// Search and filters of the table of claims. The view is kept in the address, so that it can be linked.
(function () {
  'use strict'
  const names = ['family', 'kind', 'verdict', 'rung']

  addEventListener('DOMContentLoaded', () => {
    const form = document.querySelector('form.filters')
    if (!form) return
    const rows = [...document.querySelectorAll('.claims tbody tr')].map((row) => ({ row, text: row.dataset.text.toLowerCase() }))
    const count = document.querySelector('.count')

    const view = () => {
      const parameters = new URLSearchParams()
      const words = form.elements.q.value.trim()
      if (words) parameters.set('q', words)
      for (const name of names) if (form.elements[name].value) parameters.set(name, form.elements[name].value)
      return parameters
    }

    function show() {
      const wanted = view()
      const words = (wanted.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean)
      let shown = 0
      for (const { row, text } of rows) {
        const fits = names.every((name) => !wanted.has(name) || row.dataset[name] === wanted.get(name)) && words.every((word) => text.includes(word))
        row.hidden = !fits
        if (fits) shown++
      }
      count.textContent = shown === rows.length ? `${rows.length} claims` : `${shown} of ${rows.length} claims`
    }

    // Other addresses on the page (#claims, say) are not views.
    function restore() {
      const hash = location.hash.slice(1)
      if (hash && !hash.includes('=')) return
      const parameters = new URLSearchParams(hash)
      form.elements.q.value = parameters.get('q') ?? ''
      for (const name of names) {
        form.elements[name].value = parameters.get(name) ?? ''
        if (form.elements[name].selectedIndex < 0) form.elements[name].value = ''
      }
      show()
    }

    const changed = () => {
      const text = view().toString()
      history.replaceState(null, '', text ? '#' + text : location.pathname + location.search)
      show()
    }

    form.addEventListener('input', changed)
    form.addEventListener('submit', (event) => event.preventDefault())
    form.addEventListener('reset', () => setTimeout(changed))
    addEventListener('hashchange', restore)
    form.hidden = false
    restore()
    show()
  })
})()
