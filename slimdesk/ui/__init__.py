"""The window. Pages show the workspace and call operations; they do not talk to one another.

How to add a page
    1. Write `pages/<key>.py` with a class that extends `pages.page.Page`. It is made when it is first opened and gets a
       `desk`; add its line to `pages.PAGES` (icon, shortcut, order). Override `entered`, `panes` (F6), `reload` (F5),
       `show_filter` (Ctrl+F), `actions_offered` (menu, palette and shortcut in one) and `drop_paths` as needed.
    2. Show what `self.workspace` holds, and watch it: `self.workspace.observe(("results", "size"), self._show)`.
    3. Start work with `desk.run_job(title, kind, lambda job: operation(..., job))`, or `desk.spawn(coroutine)`; a blocking
       call goes through `await desk.blocking(function, ...)`. A `SlimDeskError` becomes a notice by itself, anything
       unforeseen the crash window. `desk.notify("good", "…")` tells something, `desk.go("image")` opens a page.
    4. Import matplotlib, numpy and pygments inside the function that needs them.

What to build it from
    theme     `current().color("mark")` in paintEvent, `icons.icon("stack")` (follows the theme), `fonts.set_font(w, "small")`,
              `fonts.scaled(px)` for heights. No other file names a colour or a type size: a widget asks for its look by
              property (`surface` frame/page/bar/card/well, `rule` top/bottom/left/right, `tone`), see themes/style.qss.
    layout    `row(...)`, `column(...)` (a number is a stretch), `panel(layout, "card")`, `line()`, `clear(layout)`.
    text      `Text(words, font, tone)`, `Elided`, `Tag`, `KeyCap`, `Icon`.
    buttons   `Button`, `PrimaryButton` (one per page), `IconButton(picture, name)`, `SegmentedSwitch`, `menu_button`;
              `allow(False, reason)` greys one and says why.
    headers   `PageHeader`, `SectionHeader`, `ToolBar`, `TabBar`. figures: `FigureStrip`, `VerdictStrip`.
    notice    `Notice`, `NoticeArea` (for a place of one's own), `EmptyState`.
    tables    `models.rows`: `Column` and `Rows`, shown by `widgets.table.Table`; `SizeBar` in a column's `bar`. A column
              that is drawn in its own way gets a `CellDelegate` of its own.
    cards     `Cards` (a list of cards, made bit by bit) with `lined` and `said`; `ToldList` shows findings with their fixes.
    code      `CodeView`, `DockerfileText` (marks at lines, may be edited), `DiffView`, `SideBySide`.
    splitter  `RememberedSplitter(desk, "image.left", panes, sizes)`.
    dialogs   `await pick_file(...)`, `await ask(...)`, `await ask_text(...)`: never exec().

Every control has words or an accessible name; tests/window walks all pages.
"""
