"""`ganvas recipes`: lists recipes and prints one."""

from typing import Annotated

import typer

from .output import EPILOG, print_message, print_result

recipes_app = typer.Typer(help="The experiments that come with ganvas.", no_args_is_help=True, rich_markup_mode=None)


@recipes_app.command("list", epilog=EPILOG)
def list_recipes() -> None:
    """List the recipes: name, description, paper."""
    from ..recipes.listed import listed

    every = listed()
    name, what = (max(len(each[place]) for each in every) for place in (0, 2))
    lines: list[str] = []
    for each in every:
        if f"\n{each.kind}" not in lines:
            lines.append(f"\n{each.kind}")
        lines.append(f"  {each.name:{name}}  {each.what:{what}}  {each.paper}".rstrip())
    data = {each.name: {"kind": each.kind, "what": each.what, "paper": each.paper, "url": each.url} for each in every}
    print_result(data, "\n".join(lines).strip("\n"), prose=True)
    print_message(
        "\nWith --data PATH a recipe of pictures trains on your own. "
        "`ganvas recipes show NAME` prints it with its numbers."
    )


@recipes_app.command("show", epilog=EPILOG)
def show_recipe(
    recipe: Annotated[str, typer.Argument(help="A name, or a .yaml file.", metavar="RECIPE")],
    changes: Annotated[list[str] | None, typer.Argument(help="Overrides to apply.", metavar="KEY=VALUE")] = None,
) -> None:
    """Print a whole recipe as YAML, to save, change and train."""
    from ..recipes import dump, override, parse_overrides, to_yaml
    from ..recipes import recipe as by_name

    chosen = override(by_name(recipe), parse_overrides(changes or []))
    print_result(dump(chosen), to_yaml(chosen).rstrip())
