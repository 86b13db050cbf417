"""The commands of the runner: present, record, rehearse, new."""

import argparse
import asyncio
import sys
from pathlib import Path

from runner.clusters.keeper import ClusterError, running
from runner.clusters.kinds import Kind, kinds
from runner.engine import EngineError
from runner.new import NewTalkError, new
from runner.present import BuildError, Options, present
from runner.recordings.record import record
from runner.rehearse import rehearse
from runner.snippets.catalog import SNIPPETS, UnknownSnippetError, find, needed, runnable
from runner.snippets.declaration import DeclarationError
from runner.tunnel import TunnelError
from runner.web.listener import PortTakenError

PRESENT = """examples:
  npm start                                   present the deck
  npm start -- --port 9000 --no-browser       on another port, and only print the address
  npm start -- --short                        the short version
  npm start -- --only dask                    start no Ray; its snippets replay their recordings
  npm start -- --ssh me@head.example.org      use the clusters of that machine
  npm start -- --edit                         change code on a slide (e) and run it so
  npm start -- --remote --audience            a phone steers, and the audience follows on theirs
  npm run dev                                 show every change of deck, theme and snippets at once
"""
RECORD = """examples:
  npm run record                              record every snippet
  npm run record -- ray/client.py             record one
  npm run record -- --again why/estimate_pi.py
                                              take its times anew, on a calm machine
"""
REHEARSE = """examples:
  npm run rehearse                            before the talk: go or no-go, and what to do
"""


NEW = """examples:
  npm run new -- ../my-talk                   a talk of your own, in a folder beside this one
  npm run new -- ../my-talk --title "On caches" --author "A. Speaker"
"""


def port(text: str) -> int:
    if text.isdecimal() and 1024 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1024 to 65535")


def parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    commands = argparse.ArgumentParser(prog="python -m runner", description=__doc__)
    subparsers = commands.add_subparsers(title="commands", required=True, metavar="COMMAND")

    present = subparsers.add_parser(
        "present",
        help="serve the deck, with its snippets ready to run",
        description="Starts the clusters, builds the deck if it is out of date, serves it on "
        "loopback and opens it in the browser. Ctrl-C ends all of it.",
        epilog=PRESENT,
        formatter_class=raw,
    )
    present.add_argument("--port", type=port, default=8080, help="of the deck (default: 8080)")
    present.add_argument("--no-browser", action="store_true", help="only print the address")
    present.add_argument("--watch", action="store_true", help="build and show every change at once")
    present.add_argument(
        "--short", action="store_true", help="only slides whose notes say 'Short: yes'"
    )
    present.add_argument(
        "--edit",
        action="store_true",
        help="let the browser send code: what is changed on a slide runs in a copy of snippets/",
    )
    present.add_argument(
        "--remote",
        type=port,
        nargs="?",
        const=8081,
        metavar="PORT",
        help="let a phone in this network steer; the presenter view shows the code that pairs it "
        "(port: 8081)",
    )
    present.add_argument(
        "--audience",
        type=port,
        nargs="?",
        const=8082,
        metavar="PORT",
        help="let the audience follow on their own screens; it shows the code for them, too "
        "(port: 8082)",
    )
    present.add_argument(
        "--ssh",
        metavar="USER@HEAD",
        help="use the clusters of that machine: their ports are forwarded through SSH",
    )
    which = present.add_mutually_exclusive_group()
    which.add_argument(
        "--only",
        action="append",
        choices=list(kinds()),
        help="start no other cluster than this (default: those that snippets need)",
    )
    which.add_argument("--no-clusters", action="store_true", help="start none")
    present.set_defaults(run=run_present)

    record = subparsers.add_parser(
        "record",
        help="run snippets and write their recordings",
        description="Runs snippets on the clusters and writes what they print beside them.",
        epilog=RECORD,
        formatter_class=raw,
    )
    record.add_argument("ids", nargs="*", metavar="ID", help="such as ray/client.py (default: all)")
    record.add_argument(
        "--again", action="store_true", help="replace output that differs only in times and ids"
    )
    record.add_argument(
        "--root",
        type=Path,
        default=SNIPPETS,
        metavar="FOLDER",
        help="where the snippets are (default: snippets)",
    )
    record.set_defaults(run=run_record)

    rehearse = subparsers.add_parser(
        "rehearse",
        help="check before the talk that everything works",
        description="Checks ports, clusters, every snippet, the deck and the machine.",
        epilog=REHEARSE,
        formatter_class=raw,
    )
    rehearse.set_defaults(run=run_rehearse)

    new = subparsers.add_parser(
        "new",
        help="make a talk of your own",
        description="Makes a repository that holds the tool and a starter deck with recordings.",
        epilog=NEW,
        formatter_class=raw,
    )
    new.add_argument("folder", type=Path, help="which is made; best beside this one")
    new.add_argument("--title", help="of the talk (default: after the folder)")
    new.add_argument("--author", help="(default: as git knows you)")
    new.set_defaults(run=run_new)
    return commands


def clusters_wanted(arguments: argparse.Namespace) -> list[Kind]:
    if arguments.no_clusters:
        return []
    if arguments.only:
        return [kinds()[name] for name in arguments.only]
    return needed(runnable())


def run_present(arguments: argparse.Namespace) -> int:
    options = Options(
        arguments.port,
        browser=not arguments.no_browser,
        watch=arguments.watch,
        short=arguments.short,
        edit=arguments.edit,
        remote=arguments.remote,
        audience=arguments.audience,
        ssh=arguments.ssh,
    )
    asyncio.run(present(options, clusters_wanted(arguments)))
    return 0


def run_record(arguments: argparse.Namespace) -> int:
    root = arguments.root.resolve()
    snippets = [find(id, root) for id in arguments.ids] or runnable(root)
    with running(*needed(snippets)):
        return record(arguments.ids, root, again=arguments.again)


def run_rehearse(_: argparse.Namespace) -> int:
    return rehearse()


def run_new(arguments: argparse.Namespace) -> int:
    folder = arguments.folder.resolve()
    title = arguments.title or folder.name.replace("-", " ").replace("_", " ").capitalize()
    new(folder, title, arguments.author)
    print(f"{title}: {folder}\n")
    print(f"  cd {folder}\n  npm start   # presents it\n  npm test    # proves it")
    return 0


def main() -> int:
    arguments = parser().parse_args()
    try:
        status: int = arguments.run(arguments)
        return status
    except (
        BuildError,
        ClusterError,
        DeclarationError,
        EngineError,
        NewTalkError,
        PortTakenError,
        TunnelError,
        UnknownSnippetError,
    ) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
