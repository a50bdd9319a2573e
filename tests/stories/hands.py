"""How people touch a page: what a mouse can reach, and what they can read."""

from typing import Any

ENTITIES = {"customer": "客户信息", "contact": "客户联系方式", "order": "客户订单"}


def sign_in(page: Any, username: str, password: str, *, to: str = "**/admin/") -> None:
    """Sign in at the door, with every key of the password pressed."""
    page.goto("/login")
    page.get_by_label("用户名").click()
    page.keyboard.type(username)
    page.get_by_label("密码", exact=True).click()
    page.keyboard.type(password)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(to)


def menu(page: Any, entity: str) -> None:
    """Go to a list by the sidebar."""
    page.get_by_role("navigation", name="主菜单").get_by_role("link", name=ENTITIES[entity]).click()
    page.wait_for_url(f"**/admin/{entity}/")


def write(page: Any, **values: str) -> None:
    """Fill in fields by name: click, type; lists are chosen from, boxes ticked."""
    for name, value in values.items():
        field = page.locator(f'[name="{name.replace("__", "-")}"]')
        kind = field.evaluate("(one) => one.type")
        if kind == "select-one":
            field.select_option(label=value)
        elif kind == "checkbox":
            field.set_checked(bool(value))
        elif kind == "date":
            field.fill(value)
        else:
            field.click()
            field.press("Control+a")
            page.keyboard.type(value)


def choose(page: Any, id_: str, typed: str, text: str) -> None:
    """Choose a related record: type some of its words, click the one that is offered."""
    field = page.locator(f"#{id_}")
    field.click()
    page.keyboard.type(typed)
    page.get_by_role("option", name=text).click()


def add_row(page: Any, grid: str) -> None:
    """Add a row to a grid of child rows."""
    page.locator(f'[data-grid="{grid}"] [data-add]').click()


def save(page: Any) -> None:
    """Press the button that saves, and come out at the record's page."""
    page.get_by_role("button", name="保存").click()
    page.wait_for_url("**/details/**")


def shown(page: Any) -> dict[str, str]:
    """Return the values of a record's page by field."""
    return page.eval_on_selector_all(
        "[data-field]",
        "(all) => Object.fromEntries(all.map((one) => [one.dataset.field, one.innerText.trim()]))",
    )


def cells(page: Any, column: str, table: str = "#list") -> list[str]:
    """Return one column of a table from the top."""
    return page.locator(f'{table} td[data-column="{column}"]').all_inner_texts()


def totals(page: Any) -> dict[str, str]:
    """Return the running totals below a sheet of lines."""
    return page.eval_on_selector_all(
        "[data-total]",
        "(all) => Object.fromEntries(all.map((one) => [one.dataset.total, one.textContent]))",
    )


def open_history(page: Any) -> str:
    """Open the history of the record on the screen, unfold everything, and return its text."""
    page.get_by_role("link", name="变更记录").click()
    page.wait_for_url("**/history/**")
    for folded in page.locator("details.more:not([open]) > summary").all():
        folded.click()
    return page.locator("main").inner_text()


def copy(page: Any, rows: list[tuple[str, ...]]) -> None:
    """Put a block of cells on the clipboard, as Excel does."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    block = "".join("\t".join(row) + "\r\n" for row in rows)
    page.evaluate("(text) => navigator.clipboard.writeText(text)", block)
