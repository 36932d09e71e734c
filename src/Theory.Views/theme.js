// Colours of a chart on a light or a dark page: the configuration that vega-embed is given.
function theoryTheme(dark) {
  const ink = dark ? '#e3e6ea' : '#22272e'
  const faint = dark ? '#9aa4b0' : '#5b6673'
  const grid = dark ? '#343b45' : '#e3e7ec'
  return {
    background: 'transparent',
    font: 'system-ui, sans-serif',
    title: { color: ink, subtitleColor: faint, anchor: 'start', fontSize: 14, subtitleFontSize: 12 },
    axis: { labelColor: faint, titleColor: ink, gridColor: grid, domainColor: faint, tickColor: faint, titleFontWeight: 'normal' },
    legend: { labelColor: ink, titleColor: ink },
    text: { color: ink },
    header: { labelColor: ink, titleColor: ink },
    view: { stroke: 'transparent' },
  }
}
