"use strict";
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  const key = (row, at) => {
    const cell = row.cells[at];
    return cell.dataset.sort === undefined ? cell.textContent.trim().toLowerCase() : Number(cell.dataset.sort);
  };
  [...table.tHead.rows[0].cells].forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const numeric = head.classList.contains("n");
      const rows = [...body.rows].map((row) => [key(row, at), row]);
      rows.sort(([one], [two]) => {
        // What was not measured stands at the end, whichever way.
        if (numeric && typeof one !== typeof two) return typeof one === "number" ? -1 : 1;
        const order = typeof one === "number" && typeof two === "number" ? one - two : String(one).localeCompare(String(two));
        return down ? -order : order;
      });
      body.append(...rows.map(([, row]) => row));
    });
  });
}
