"""Records with files: adding, getting and removing them, on the page of the record."""

from collections.abc import Sequence
from dataclasses import replace
from tempfile import TemporaryFile
from typing import Any

from flask import current_app, flash, redirect, request, send_file
from flask_admin import expose
from flask_babel import gettext

from app.admin_views.base.details import Details
from app.admin_views.base.page import ConfirmPage, File, Files
from app.admin_views.base.record_view import RecordView
from app.core import clock
from app.core.db import reading
from app.core.errors import Missing, RuleBroken
from app.core.words import filled
from app.domain.attachment import KINDS, MAX_SIZE, MEGABYTE
from app.models.attachment import Attachment
from app.services import attachment
from app.services.attachment import Taken
from app.web import limits
from app.web.working import working

KILOBYTE = 1024
#: Whatever is inside, a browser saves it and runs nothing of it.
_SANDBOX = "default-src 'none'; sandbox"


class AttachingView(RecordView):
    """A record view whose records may have files."""

    @expose("/attach/", methods=("POST",))
    def attach_view(self) -> Any:
        """Add files to a record: all, or none with every reason."""
        limits.count("attach")
        key = request.form.get("id")
        self.find(key, "attach")
        sent = request.files.getlist(attachment.FIELD)
        files = [(one.filename, one.stream) for one in sent if one.filename]
        try:
            uploads = attachment.look_through(files)
            with working() as work:
                taken = attachment.attach(work, self.service, key, uploads)
        except RuleBroken as refusal:
            return self._refused(key, refusal)
        self._tell(taken)
        return redirect(self.address("details_view", id=key))

    def _tell(self, taken: list[Taken]) -> None:
        for name in [one.attachment.name for one in taken if one.was_there]:
            flash(gettext("与附件“%(name)s”内容相同，没有重复保存。", name=name), "warning")
        if not all(one.was_there for one in taken):
            flash(gettext("已上传"), "success")

    @expose("/detach/", methods=("POST",))
    def detach_view(self) -> Any:
        """Ask, name the file, and remove it for good."""
        key, wanted = request.form.get("id"), request.form.get(attachment.FIELD)
        if request.form.get("confirm") != "1":
            return self.render("admin/model/delete.html", page=self._ask(key, wanted), view=self)
        with working() as work:
            attachment.detach(work, self.service, key, wanted)
        flash(gettext("已删除"), "success")
        return redirect(self.address("details_view", id=key))

    def _ask(self, key: object, wanted: object) -> ConfirmPage:
        record = self.find(key, "attach")
        found = attachment.get(reading(), self.actor, self.entity, record.id, wanted)
        return ConfirmPage(
            title=gettext("删除附件“%(name)s”？", name=found.name),
            warning=gettext("相关信息将无法恢复，请确认操作。"),
            goes=[],
            post_url=self.address("detach_view"),
            carry=[("id", str(record.id)), (attachment.FIELD, str(found.id))],
            cancel_url=self.address("details_view", id=record.id),
            button=gettext("确定"),
        )

    @expose("/attachment/")
    def attachment_view(self) -> Any:
        """A file, to be saved: whoever may see the record may have it."""
        record = self.find(request.args.get("id"))
        wanted = request.args.get(attachment.FIELD)
        found = attachment.get(reading(), self.actor, self.entity, record.id, wanted)
        # Copied first: however slowly it is fetched, no transaction stays open meanwhile.
        copy = TemporaryFile()  # noqa: SIM115 - the answer closes it
        copy.writelines(attachment.parts(reading(), found.id))
        copy.seek(0)
        answer = send_file(
            copy, KINDS[found.kind].media, as_attachment=True, download_name=found.name, max_age=0
        )
        answer.headers["Content-Security-Policy"] = _SANDBOX
        answer.headers["Cache-Control"] = "no-store"
        answer.content_length = found.size
        return answer

    def data_of(self, records: Sequence[Any]) -> dict[int, dict[str, Any]]:
        """Return what the JSON view says of the files of *records*, beside their other rows."""
        return {
            number: {
                "attachments": [
                    {"id": one.id, "name": one.name, "size": one.size, "kind": one.kind}
                    for one, _ in files
                ]
            }
            for number, files in self._files(records).items()
        }

    def _files(self, records: Sequence[Any]) -> dict[int, list[tuple[Attachment, str]]]:
        ids = [record.id for record in records]
        return attachment.of_records(reading(), self.actor, self.entity, ids)

    def files_of(self, record: Any, errors: list[str] | None = None) -> Files | None:
        """Return the files of *record*, with what is needed to change them for those who may."""
        if not attachment.are_seen_by(self.actor):
            return None
        writes = self._may_attach(record)
        return Files(
            files=[
                File(
                    one.id,
                    one.name,
                    _size(one.size),
                    f"{who} {clock.minute_text(one.created_at)}".strip(),
                    self.address("attachment_view", id=record.id, file=one.id),
                )
                for one, who in self._files([record])[record.id]
            ],
            attach_url=self.address("attach_view") if writes else "",
            detach_url=self.address("detach_view") if writes else "",
            accept=",".join(f".{end}" for end in sorted(_endings())),
            hint=gettext(
                "每个文件最大 %(n)s MB，一次共 %(all)s MB。",
                n=MAX_SIZE // MEGABYTE,
                all=current_app.config["MAX_CONTENT_LENGTH"] // MEGABYTE - 1,
            ),
            errors=errors or [],
        )

    def _may_attach(self, record: Any) -> bool:
        if not self.may("attach"):
            return False
        try:
            self.find(record.id, "attach")
        except Missing:
            return False
        return True

    def _refused(self, key: object, refusal: RuleBroken) -> Any:
        """Return the page of the record with the reasons beside the field: 422."""
        record = self.find(key)
        page = Details(self, record).page()
        reasons = [filled(one.message, one.facts, gettext) for one in refusal.problems]
        page = replace(page, files=self.files_of(record, reasons))
        return self.render("admin/model/details.html", page=page, view=self), 422


def _endings() -> set[str]:
    return {ending for kind in KINDS.values() for ending in kind.endings}


def _size(size: int) -> str:
    """Return *size* bytes as people say it."""
    if size >= MEGABYTE:
        return f"{size / MEGABYTE:.1f} MB"
    return f"{max(1, round(size / KILOBYTE))} KB"
