// Runs once, when a table is shown. A click on a column's name sorts the rows, and a second one turns them round.
element.addEventListener('click', event => {
  const button = event.target.closest('th button');
  if (!button) return;
  const head = button.closest('th');
  const down = head.getAttribute('aria-sort') === 'ascending';
  const index = [...head.parentElement.children].indexOf(head);
  const body = element.querySelector('tbody');
  const key = row => row.children[index].dataset.value ?? row.children[index].innerText;
  const order = (first, second) => {
    const [a, b] = [key(first), key(second)];
    if (a === '' || b === '') return (a === '') - (b === '');
    const found = isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b;
    return down ? -found : found;
  };
  body.append(...[...body.rows].sort(order));
  head.parentElement.querySelectorAll('th').forEach(other => other.removeAttribute('aria-sort'));
  head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
});
