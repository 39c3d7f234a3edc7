"""The commands of ``ipbot``. Each imports what it needs, so that ``--help`` is quick."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.logs import set_up_logs
from bot.settings import SettingError, read_settings


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ipbot", description="新疆知识产权信息公共服务网点问答助手")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    chat = commands.add_parser("chat", help="chat in the terminal")
    chat.add_argument("--json", action="store_true", help="one JSON object a line, in and out")
    chat.add_argument("--at", default="", metavar="TIME", help="pretend that it is this time (2027-01-02T10:00+08:00)")
    chat.add_argument("--limits", action="store_true", help="with --json: limit the questions a minute as elsewhere")
    commands.add_parser("serve", help="run the configured channels")
    commands.add_parser("worker", help="only send what the bot tells by itself (several machines, PostgreSQL)")
    commands.add_parser(
        "daily", help="what is to be done once a day (serve does it by itself): erase what was kept long enough"
    )
    database = commands.add_parser("db", help="the database").add_subparsers(dest="action", required=True)
    database.add_parser("upgrade", help="create it, or bring it to the newest revision")
    evaluation = commands.add_parser("eval", help="play question files and print how many are right")
    evaluation.add_argument("files", nargs="+", metavar="FILE")
    evaluation.add_argument("--at", default="", metavar="TIME", help="the day that is today")
    evaluation.add_argument("--topics", default="", help="only rows of these topics, separated by commas")
    evaluation.add_argument("--min", action="append", default=[], metavar="NAME=VALUE", help="fail below this value")
    imports = commands.add_parser("import", help="import lists from CSV or XLSX").add_subparsers(
        dest="action", required=True
    )
    exports = commands.add_parser("export", help="write lists as CSV or XLSX").add_subparsers(
        dest="action", required=True
    )
    for what, help in (
        ("points", "service points; the first import of real ones removes the samples"),
        ("institutions", "institutions, by unified social credit code"),
        ("applications", "applications; imported are closed ones of former years"),
    ):
        table = imports.add_parser(what, help=help)
        table.add_argument("file")
        table.add_argument("--dry-run", action="store_true", help="only say what would happen")
        table.add_argument("--skip-bad", action="store_true", help="import the good rows although others are rejected")
        exports.add_parser(what, help=help).add_argument("file", help="its name ends in .csv or .xlsx")
    content = commands.add_parser("content", help="check what editors wrote").add_subparsers(
        dest="action", required=True
    )
    check = content.add_parser("check", help="name every fault with its file and field")
    check.add_argument("paths", nargs="*", help="only faults in files whose path contains one of these")
    figures = content.add_parser("figures", help="hold the amounts of all answers against texts of the laws they cite")
    figures.add_argument("texts", type=Path, help="a folder of texts, one Markdown file a law")
    check.add_argument(
        "--links", action="store_true", help="also open the search platforms' addresses (needs a network)"
    )
    content.add_parser("report", help="what is due for review, by owner")
    preparing = content.add_parser("prepare", help="check, and keep what is slow to make of it for the next start")
    preparing.add_argument("--quick", action="store_true", help="leave out the vectors for comparing by meaning")
    exporting = content.add_parser("export", help="write approved drafts as files of the content folder")
    exporting.add_argument("folder", type=Path, help="where faq/ is or shall be")
    staff = commands.add_parser("staff", help="those who work with the register").add_subparsers(
        dest="action", required=True
    )
    invitation = staff.add_parser("invite", help="print a one-time invite code, valid for three days")
    invitation.add_argument("role", choices=("administrator", "region", "prefecture", "point"))
    invitation.add_argument("name", help="whom it is for")
    invitation.add_argument("--prefecture", default="", metavar="NAME", help="of a prefecture officer, like 喀什地区")
    invitation.add_argument("--point", default="", metavar="CODE", help="of point staff: the code of the point")
    staff.add_parser("list", help="who works here now")
    ending = staff.add_parser("end", help="end somebody's work: their chat account loses its rights")
    ending.add_argument("id", type=int, help="the number that the list shows")
    progress = commands.add_parser("letters", help="how far the announcements are, as bars")
    progress.add_argument("--follow", action="store_true", help="until they are done")
    commands.add_parser("doctor", help="look at the installation part by part, and say what to do")
    explanation = commands.add_parser("explain", help="show an editor why a question is answered as it is")
    explanation.add_argument("question")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status (0 fine, 1 a fault was found, 2 wrong use)."""
    options = _parser().parse_args(arguments)
    if options.command == "doctor":  # settings that cannot be read are a finding of its own
        from bot.commands.doctor import doctor

        return doctor(os.environ, datetime.now(UTC))
    try:
        settings = read_settings(os.environ)
        set_up_logs(settings.choice("IPBOT_LOG", "debug", "info", "warning", "error"))
        match options.command:
            case "chat":
                from bot.commands.chat import chat

                return chat(settings, options.json, options.at, options.limits)
            case "serve":
                from bot.commands.serve import serve

                return serve(settings)
            case "worker":
                from bot.commands.worker import worker

                return worker(settings)
            case "letters":
                from bot.commands.letters import letters

                return letters(settings, options.follow)
            case "daily":
                from bot.commands.daily import daily

                return daily(settings, datetime.now(UTC))
            case "db":
                from bot.build import build_engine

                build_engine(settings, settings.content)
                print("数据库已是最新版本")
                return 0
            case "eval":
                from bot.commands.eval import evaluate_files

                return evaluate_files(settings, options.files, options.at, options.topics, options.min)
            case "import":
                from bot.commands.lists import import_file

                return import_file(settings, options.action, options.file, options.dry_run, options.skip_bad)
            case "export":
                from bot.commands.lists import export_file

                return export_file(settings, options.action, options.file)
            case "staff":
                from bot.commands import staff

                now = datetime.now(UTC)
                match options.action:
                    case "invite":
                        return staff.invite(
                            settings, options.role, options.name, options.prefecture, options.point, now
                        )
                    case "list":
                        return staff.members(settings)
                    case "end":
                        return staff.end(settings, options.id, now)
            case "explain":
                from bot.commands.explain import explain

                return explain(settings, options.question, datetime.now(UTC).date())
            case "content":
                from bot.commands import content

                today = datetime.now(UTC).date()
                match options.action:
                    case "check":
                        if options.links:
                            from bot.commands.links import check_links

                            return max(content.check(settings, options.paths, today), check_links(settings))
                        return content.check(settings, options.paths, today)
                    case "figures":
                        return content.check_figures(settings, options.texts, today)
                    case "export":
                        from bot.commands.drafts import export

                        return export(settings, options.folder, today)
                    case "report":
                        return content.report(settings, today)
                    case "prepare":
                        return content.prepare(settings, today, options.quick)
    except SettingError as error:
        print(error, file=sys.stderr)
        return 2
    return 2
