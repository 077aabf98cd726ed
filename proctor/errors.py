"""The one exception family.

Every refusal has a stable code, which programs read, and one sentence in Vietnamese and in English, which
people read. The codes and sentences stand in one table so that they can be reviewed in one sitting; the HTTP,
Socket.IO and command-line edges each map the family in one place. The pure rooms raise the bare `Refusal` of
`proctor.regulation`; the rest of the house raises `ProctorError`, which is one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from proctor.regulation.citation import Citation, named
from proctor.regulation.local_time import LOCAL_TIME
from proctor.regulation.refusal import Refusal

_MOMENTS = frozenset({"at", "end_at", "now", "opens_at", "seen_from", "submit_by", "until"})  # filled in here


@dataclass(frozen=True)
class Sentence:
    """What a code says, with `{name}` places filled from the error's details."""

    status: int  # the HTTP status it maps to
    vi: str
    en: str


SENTENCES: Mapping[str, Sentence] = {
    # asking
    "bad_request": Sentence(400, "Chưa đúng: {field}.", "Not right: {field}."),
    "unknown_message": Sentence(400, "Không có thông điệp tên {name}.", "There is no message named {name}."),
    "not_found": Sentence(404, "Không tìm thấy {what}.", "There is no such {what}."),
    "method_not_allowed": Sentence(405, "Địa chỉ này không nhận yêu cầu kiểu đó.",
                                   "This address takes no request of that kind."),
    "too_large": Sentence(413, "Dữ liệu vượt quá {limit}.", "The data is larger than {limit}."),
    "too_fast": Sentence(429, "Trang gửi quá nhiều yêu cầu một lúc. Hãy chờ vài giây.",
                         "The page sent too many requests at once. Wait a few seconds."),
    "too_often": Sentence(429, "Việc này đã được làm quá nhiều lần. Hãy nhắn cán bộ coi thi.",
                          "This was done too many times. Write to the invigilator."),
    "internal": Sentence(500, "Máy chủ gặp lỗi. Dữ liệu đã lưu vẫn an toàn; hãy thử lại.",
                         "The server met an error. What was saved is safe; please try again."),
    "closing": Sentence(503, "Máy chủ đang khởi động lại. Trang sẽ tự kết nối.",
                        "The server is restarting. The page will reconnect by itself."),
    # who
    "not_signed_in": Sentence(401, "Bạn chưa đăng nhập.", "You are not signed in."),
    "open_from_page": Sentence(403, "Hãy mở tệp này từ trang của hệ thống, sau khi đăng nhập.",
                               "Open this file from the page that offers it, signed in."),
    "sign_out_withdrawn": Sentence(409, "Yêu cầu đăng xuất này đã được rút lại.", "This sign-out was withdrawn."),
    "wrong_credentials": Sentence(401, "Tên, số báo danh, mật khẩu hoặc mã thi không đúng.",
                                  "The name or number, or the password or exam code, is not right."),
    "too_many_tries": Sentence(429, "Sai quá nhiều lần. Hãy thử lại sau {seconds} giây.",
                               "Too many wrong tries. Try again in {seconds} seconds."),
    "forbidden": Sentence(403, "Vai trò này không được phép làm việc đó.", "This role may not do that."),
    "not_assigned": Sentence(403, "Không có phân công như vậy ở phòng thi này.",
                             "There is no such assignment in this exam room."),
    "wrong_origin": Sentence(403, "Yêu cầu đến từ một trang khác.", "The request came from another site."),
    "superseded": Sentence(409, "Phòng thi đang mở ở thẻ hoặc thiết bị khác; trang này chỉ còn để đọc.",
                           "The exam is open in another tab or device; this page is read-only now."),
    "readmission_needed": Sentence(
        409, "Đây là thiết bị khác với lần vào trước. Cán bộ coi thi cần xác nhận lại.",
        "This is not the device of your first entry. An invigilator has to admit you again."),
    # getting in
    "not_published": Sentence(409, "Kỳ thi chưa được công bố.", "The exam has not been published yet."),
    "not_ready": Sentence(409, "Còn bước chưa xong: {missing}.", "Steps are still to do: {missing}."),
    "microphone_needed": Sentence(409, "Thi vấn đáp cần micro.", "An oral exam needs a microphone."),
    "not_waiting": Sentence(409, "Thí sinh không ở phòng chờ.", "The candidate is not in the waiting room."),
    "not_asking": Sentence(409, "Thiết bị đó không còn xin vào thay.",
                          "That device does not ask to take over any more."),
    "too_late": Sentence(409, "Đã quá giờ cho phép vào muộn ({until}). Hãy liên hệ Phòng Quản lý đào tạo.",
                         "The limit for late arrivals was {until}. Please call the training office."),
    "entry_refused": Sentence(403, "Cán bộ coi thi chưa cho vào phòng thi.", "The invigilator refused entry."),
    "checks_missing": Sentence(409, "Còn thí sinh chưa được kiểm tra đủ.", "Some candidates lack checks."),
    "reason_needed": Sentence(422, "Cần ghi lý do.", "A reason is needed."),
    "not_a_photo": Sentence(422, "Tệp này không phải ảnh JPEG dùng được.", "This is not a usable JPEG picture."),
    "photo_not_asked": Sentence(409, "Cán bộ coi thi không yêu cầu ảnh này.", "Nobody asked for this photograph."),
    "not_connected": Sentence(409, "Thí sinh đang mất kết nối.", "The candidate is not connected."),
    # times
    "gate_closed": Sentence(403, "Phòng thi mở cho cán bộ từ {opens_at}.", "The room opens to staff at {opens_at}."),
    "waiting_for_invigilator": Sentence(
        409, "Chưa có cán bộ coi thi trong phòng. Trang sẽ tự vào phòng chờ.",
        "No invigilator is in the room yet. The page will enter the waiting room by itself."),
    "not_in_room": Sentence(403, "Hãy vào phòng thi trước.", "Come into the room first."),
    "not_admitted": Sentence(403, "Thí sinh chưa được cho vào phòng thi.", "Not admitted to the exam yet."),
    "not_released": Sentence(403, "Chưa đến giờ phát đề.", "The paper has not been released yet."),
    "before_release": Sentence(409, "Chưa đến giờ làm bài.", "The working time has not begun."),
    "after_submit_by": Sentence(409, "Đã hết giờ nộp bài lúc {submit_by}.", "Submission closed at {submit_by}."),
    "work_over": Sentence(409, "Đã hết giờ làm bài lúc {submit_by}; việc này không còn tác dụng.",
                          "The time to work ended at {submit_by}; this would serve nobody any more."),
    "nobody_writes": Sentence(409, "Không còn thí sinh nào làm bài ở phòng này; việc này không còn tác dụng.",
                              "Nobody writes in this room any more; this would serve nobody."),
    "already_submitted": Sentence(409, "Bài thi đã được nộp.", "The work has already been submitted."),
    "room_held": Sentence(409, "Phòng thi đang tạm dừng, chờ Phòng Quản lý đào tạo quyết định.",
                          "The room is held until the training office decides."),
    "suspended": Sentence(403, "Bài thi của bạn bị đình chỉ: {reason}", "Your exam was suspended: {reason}"),
    "already_released": Sentence(409, "Đề thi đã phát.", "The paper has been released."),
    "called_off": Sentence(409, "Buổi thi ở phòng này không tiến hành; thí sinh thi vào dịp khác.",
                           "The exam in this room is not held; its candidates sit at another time."),
    "delay_too_long": Sentence(422, "Chỉ được lùi giờ phát đề đến {until}.", "The release can be put off to {until}."),
    "beyond_the_end": Sentence(422, "Vượt quá giờ kết thúc {end_at}; hãy lùi cả giờ kết thúc.",
                               "That is beyond the end at {end_at}; move the end too."),
    "no_wish": Sentence(422, "Có thí sinh không đề nghị thêm giờ.", "Somebody among them asks for no extra time."),
    "not_closed": Sentence(409, "Chưa hết giờ nộp bài ({submit_by}).", "Submission is open until {submit_by}."),
    "matters_changed": Sentence(409, "Vừa có thêm việc còn dở; hãy đọc lại rồi nhận ca. Chưa thay đổi gì.",
                                "More matters are open now; read them, then take the room. Nothing was changed."),
    "lists_first": Sentence(409, "Hãy công khai hai danh sách trước ({citation}).",
                            "Publish the two lists first ({citation})."),
    "lists_changed": Sentence(
        409, "Danh sách vừa thay đổi. Hãy đọc lại danh sách mới rồi công khai.",
        "The lists have just changed. Read the new ones, then publish."),
    "lists_outdated": Sentence(409, "Hai danh sách đã công khai không còn đúng: hãy công khai lại trước ({citation}).",
                               "The published lists are no longer right: publish them anew first ({citation})."),
    "handover_outdated": Sentence(409, "Hai danh sách trong bàn giao không còn đúng: cán bộ coi thi phải công khai lại "
                                  "({citation}) rồi bàn giao lại.",
                                  "The lists in this hand-over are no longer right: an invigilator publishes them anew "
                                  "({citation}) and hands over again."),
    "violations_undecided": Sentence(409, "Còn {count} ghi nhận vi phạm chưa quyết định; hãy xác nhận hoặc bỏ trước.",
                                     "Noted violations to decide first: {count}. Confirm or dismiss them."),
    "room_not_over": Sentence(409, "Buổi thi kết thúc lúc {end_at}; bàn giao sau đó, khi bản ghi đã đủ.",
                              "The exam ends at {end_at}; hand over after that, when the recordings are complete."),
    "changed_meanwhile": Sentence(412, "Người khác vừa sửa nội dung này, nên chưa lưu gì. Hãy đóng lại để xem bản mới, "
                                  "rồi sửa tiếp.",
                                  "Somebody else has just changed this, so nothing was saved. Close it to see what is "
                                  "there now, then go on."),
    "overtaken": Sentence(409, "Cán bộ khác đã quyết định trước: {name}, {at}. Chưa thay đổi gì.",
                          "Somebody else decided first: {name}, {at}. Nothing was changed."),
    "referred": Sentence(409, "Thí sinh đã được chuyển sang lần thi khác; bài ở đây không được nhận nữa.",
                         "The candidate sits again at another time; nothing is taken here any more."),
    "times_changed": Sentence(409, "Giờ đã thay đổi từ khi trang này hiện ra, do người khác hoặc do lần bấm trước của "
                              "bạn. Hãy xem giờ hiện tại rồi quyết định. Lần bấm này chưa thay đổi gì.",
                              "The times have changed since this page showed them, by somebody else or by what you "
                              "pressed before. Look at them as they are now, then decide. This time nothing changed."),
    "not_held": Sentence(409, "Phòng không còn tạm dừng: đã có quyết định. Chưa thay đổi gì thêm.",
                         "The room is not held any more: it has been decided. Nothing more was changed."),
    "shift_too_short": Sentence(422, "Phải lùi ít nhất {minutes} phút, nếu không giờ làm bài đã hết.",
                                "Move the times by {minutes} minutes at least, or the time is over already."),
    "bad_period": Sentence(422, "Khoảng thời gian không đúng: phải từ lúc thí sinh vào phòng ({seen_from}) đến bây "
                           "giờ, lúc đầu không sau lúc cuối.",
                           "That is no time range: it lies between the candidate's coming ({seen_from}) and now, and "
                           "does not end before it begins."),
    "handed_over": Sentence(409, "Phòng Quản lý đào tạo đã nhận bàn giao.",
                            "The training office has received the hand-over."),
    "not_handed_over": Sentence(409, "Phòng thi này chưa bàn giao; Phòng Quản lý đào tạo xem ảnh và bản ghi sau khi "
                                "được bàn giao.",
                                "This room has not been handed over; the training office sees photographs and "
                                "recordings after the hand-over."),
    "not_ended": Sentence(409, "Buổi thi chưa kết thúc ({end_at}).", "The exam ends at {end_at}."),
    "room_ended": Sentence(409, "Buổi thi đã kết thúc.", "The exam has ended."),
    "figure_too_low": Sentence(500, "Tham số {field} là {value}, phải từ {least} trở lên ({citation}, {reading}).",
                               "The figure {field} is {value}; it has to be {least} at least ({citation}, {reading})."),
    # planning an exam
    "schedule_contradiction": Sentence(
        422, "Các mốc thời gian mâu thuẫn: {unmet}.", "The times contradict one another: {unmet}."),
    "room_capacity": Sentence(
        422, "Phòng thi trực tuyến có không quá {capacity} thí sinh ({citation}); cần {rooms} phòng.",
        "An online exam room holds at most {capacity} candidates ({citation}); these need {rooms} rooms."),
    "room_not_empty": Sentence(409, "Phòng còn {count} thí sinh; hãy chuyển hoặc xóa khỏi danh sách trước.",
                               "The room has {count} candidates; move them or take them off the list first."),
    "not_publishable": Sentence(422, "Chưa đủ điều kiện công bố kỳ thi.", "The exam cannot be published yet."),
    "already_published": Sentence(409, "Kỳ thi đã công bố; hãy rút công bố trước khi sửa.",
                                  "The exam is published; withdraw it before changing it."),
    "was_published": Sentence(409, "Kỳ thi đã từng được công bố nên không xóa được. Chưa thay đổi gì.",
                              "The exam has been published before, so it is not removed. Nothing was changed."),
    "paper_changed": Sentence(409, "Đề thi đã được thay bằng bản khác; hãy xem lại bản mới.",
                              "Another paper was loaded meanwhile; please read the new one."),
    "paper_confirmed": Sentence(409, "Đề thi đã được trưởng đơn vị “{unit}” xác nhận. Muốn đổi đơn vị, hãy tải lại đề "
                                     "thi trước.",
                                "The head of “{unit}” has confirmed the paper. Load the paper again to change the "
                                "unit."),
    "room_open": Sentence(409, "Phòng thi đã mở cho cán bộ.", "The room is open to staff already."),
    "not_assignable": Sentence(422, "Không phân công vai trò này vào phòng thi: {role}.",
                               "This role is not assigned to rooms: {role}."),
    "staff_needed": Sentence(422, "Kỳ thi đã công bố; phòng vẫn cần đủ: {unmet} ({citation}).",
                             "The exam is published; the room still needs: {unmet} ({citation})."),
    "candidates_needed": Sentence(409, "Phòng thi đã công bố cần có thí sinh; hãy rút công bố trước ({citation}).",
                                  "A published room needs a candidate; withdraw the publication first ({citation})."),
    "sitter_needed": Sentence(422, "Báo cáo thi hộ phải nêu người dự thi thay, hoặc \"không rõ\".",
                              "A report of impersonation names who sat, or \"unknown\"."),
    "paper_unconfirmed": Sentence(409, "Trưởng đơn vị chuyên môn chưa xác nhận đề thi này.",
                                  "The head of the academic unit has not confirmed this paper."),
    "not_of_regime_b": Sentence(403, "Trưởng đơn vị chuyên môn chỉ xem và xác nhận đề của kỳ thi theo quy chế B.",
                                "The head of an academic unit reads and confirms papers of regime B only."),
    "other_unit": Sentence(403, "Đề thi này do trưởng một đơn vị chuyên môn khác xem và xác nhận.",
                           "The head of another academic unit reads and confirms this paper."),
    "unit_needed": Sentence(422, "Tài khoản trưởng đơn vị chuyên môn cần ghi đơn vị.",
                            "The account of a head of an academic unit names the unit."),
    # lists of people as files
    "list_empty": Sentence(422, "Tệp không có dữ liệu.", "The file holds no data."),
    "list_unreadable": Sentence(422, "Không đọc được tệp này như một danh sách ({why}).",
                                "This file cannot be read as a list ({why})."),
    "list_quotes": Sentence(422, "Ở dòng {row}, dấu ngoặc kép (\") không khép trong ô của nó, hoặc trong ô có dấu "
                                 "xuống dòng. Hãy sửa rồi nhập lại.",
                            "In line {row} a quotation mark (\") is not closed in its cell, or a cell holds a line "
                            "break. Mend it and import again."),
    "list_encrypted": Sentence(422, "Tệp có mật khẩu. Hãy bỏ mật khẩu rồi nhập lại.",
                               "The file is protected by a password. Remove it and import again."),
    "list_old_excel": Sentence(422, "Tệp Excel kiểu cũ (.xls). Hãy lưu lại thành .xlsx hoặc CSV UTF-8.",
                               "This is an old Excel file (.xls). Save it as .xlsx or CSV UTF-8."),
    "list_several_sheets": Sentence(422, "Tệp có nhiều trang tính có dữ liệu ({sheets}). Hãy để lại một trang.",
                                    "Several sheets hold data ({sheets}). Leave one."),
    "list_merged_cells": Sentence(422, "Tệp có ô gộp ({cells}). Hãy bỏ gộp ô; dòng đầu chỉ gồm tên cột.",
                                  "The file has merged cells ({cells}). Unmerge them; the first row is the headings."),
    "list_too_long": Sentence(422, "Danh sách vượt quá {rows} dòng hoặc {columns} cột.",
                              "The list is longer than {rows} rows or wider than {columns} columns."),
    "staff_rows": Sentence(422, "Danh sách cán bộ có dòng sai; chưa tạo tài khoản nào.",
                           "The staff list has bad rows; no account was made."),
    "candidate_elsewhere": Sentence(
        409, "Có thí sinh đã ở một phòng thi khác cùng giờ; chưa thay đổi gì.",
        "Some candidates are in another room at that time already; nothing was changed."),
    "staff_elsewhere": Sentence(
        409, "Có cán bộ đã được phân công ở một phòng thi khác cùng giờ: {people}.",
        "Some staff are assigned to another room at that time already: {people}."),
    "already_admitted": Sentence(409, "Thí sinh đã được cho vào phòng thi, không chuyển phòng được nữa.",
                                 "The candidate has been admitted and cannot be moved any more."),
    "move_too_late": Sentence(409, "Đã đến giờ thi, không chuyển phòng được nữa.",
                              "The exam has begun; candidates cannot be moved any more."),
    "same_room": Sentence(422, "Hãy chọn một phòng khác của cùng kỳ thi.", "Choose another room of the same exam."),
    "code_not_current": Sentence(409, "Mã thi này không còn dùng được. Hãy cấp mã mới rồi in.",
                                 "This exam code is not the current one. Issue new codes, then print."),
    "roster_rows": Sentence(422, "Danh sách có dòng sai; chưa nhập dòng nào.",
                            "The list has bad rows; nothing was imported."),
    "roster_conflict": Sentence(409, "Danh sách trùng với dữ liệu đã có. Hãy nhập lại.",
                                "The list collides with what is on record. Import it again."),
    "roster_locked": Sentence(409, "Danh sách đã khóa vì đề thi đã phát.",
                              "The list is locked: the paper has been released."),
    "paper_not_pdf": Sentence(422, "Tệp này không phải PDF.", "This file is not a PDF."),
    "paper_locked": Sentence(409, "Đề thi đã đến máy thí sinh, không thể thay.",
                             "The sealed paper has reached candidates; it cannot be replaced."),
    "paper_published": Sentence(409, "Trưởng đơn vị chuyên môn đã xác nhận đề này và kỳ thi đã công bố. "
                                "Muốn thay đề, hãy rút công bố trước; đề mới phải được xác nhận lại.",
                                "The head of the academic unit confirmed this paper and the exam is published. To "
                                "replace it, withdraw the publication; the new paper has to be confirmed again."),
    "password_too_short": Sentence(422, "Mật khẩu cần ít nhất {characters} ký tự.",
                                   "A password has {characters} characters at least."),
    "name_taken": Sentence(409, "Tên {name} đã có người dùng.", "The name {name} is taken."),
    # work
    "stale_revision": Sentence(409, "Máy chủ đã có bản mới hơn của bài làm.",
                               "The server holds a newer version of the work."),
    "upload_mismatch": Sentence(409, "Phần tải lên không khớp; trang sẽ hỏi lại máy chủ.",
                                "The part does not fit; the page will ask the server where to go on."),
    "upload_busy": Sentence(423, "Máy chủ đang kiểm tra tệp này. Hãy thử lại sau vài giây.",
                            "The server is still checking this file. Try again in a few seconds."),
    "upload_incomplete": Sentence(409, "Tệp {file} chưa tải lên xong.", "The file {file} has not finished uploading."),
    "kept_as_evidence": Sentence(
        422, "Tệp đến sau hạn, được giữ làm bằng chứng, không tính là bài nộp.",
        "The file came after the deadline: it is kept as evidence and is no part of the submission."),
    "kept_while_suspended": Sentence(
        422, "Bài thi của bạn bị đình chỉ khi tệp đến: tệp được giữ làm bằng chứng, không tính là bài nộp. "
             "Nếu bạn được làm tiếp, tệp được gửi lại và tính như thường.",
        "Your exam was suspended when the file came: it is kept as evidence and does not count. If you are let go on, "
        "the file is sent again and counts as usual."),
    "evidence_full": Sentence(
        422, "Tệp không tính là bài nộp, và chỗ giữ bằng chứng đã hết, nên tệp không được giữ.",
        "The file does not count, and the room for evidence is used up: it was not kept."),
    "not_late": Sentence(
        409, "Chưa hết giờ nộp bài ({submit_by}): bài làm vẫn được lưu như thường.",
        "The time to submit is not over ({submit_by}): the work is still saved as usual."),
    "nothing_late": Sentence(
        409, "Máy chủ đã có đúng phần chữ này; không có gì phải giữ thêm.",
        "The server has exactly this text already; nothing more has to be kept."),
    "not_as_declared": Sentence(
        422, "Tệp {file} không giống tệp đã khai khi nộp bài, nên không tính là bài nộp.",
        "The file {file} is not the one that the submission named; it is no part of it."),
    "tus_version": Sentence(412, "Tải tệp lên theo tus {version}.", "Files are uploaded by tus {version}."),
    "wrong_content_type": Sentence(415, "Nội dung phải có kiểu {type}.", "The content has to be of type {type}."),
    "checksum_mismatch": Sentence(460, "Tệp hỏng trên đường truyền.", "The file was damaged on the way."),
    "no_preview": Sentence(422, "Tệp này không xem trước được.", "There is no preview of this file."),
    "phone_link_ended": Sentence(
        403, "Liên kết ghép điện thoại đã dùng hoặc đã hết hạn. Hãy lấy mã QR mới ở trang làm bài.",
        "This link was used already or has ended. Get a new QR code on the exam page."),
    "phone_revoked": Sentence(403, "Điện thoại này không còn được ghép với bài thi.",
                              "This phone is no longer paired with the exam."),
    # media
    "bad_sdp": Sentence(422, "Mô tả kết nối hình và tiếng không dùng được: {why}.",
                        "The media description cannot be used: {why}."),
    "media_full": Sentence(503, "Máy chủ hình và tiếng đã đầy.", "The media server is full."),
    "practice_full": Sentence(503, "Phòng thi thử đang đông. Hãy thử lại phần hình và tiếng sau vài phút.",
                              "The practice room is full. Try picture and sound again in a few minutes."),
    "rehearsal_refused": Sentence(409, "Máy chủ từ chối ({step}): {why}", "The server refused ({step}): {why_en}"),
    "server_unreachable": Sentence(504, "Không kết nối được tới {url}: {why}", "{url} cannot be reached: {why}"),
    "media_unreachable": Sentence(504, "Không kết nối được tới máy chủ hình và tiếng.",
                                  "The media server cannot be reached."),
    # running the server
    "port_busy": Sentence(500, "Cổng {kind} {port} đang được dùng. Hãy chọn cổng khác bằng {option}.",
                          "{kind} port {port} is in use. Choose another with {option}."),
    "address_unavailable": Sentence(500, "Không mở được địa chỉ {host}:{port}.",
                                    "The address {host}:{port} cannot be opened on this machine."),
    "data_in_use": Sentence(500, "Một máy chủ khác đang chạy trên dữ liệu ở {path}.",
                            "Another server is running on the data in {path}."),
    "no_public_address": Sentence(500, "Máy chủ STUN {server} không cho biết địa chỉ công khai của máy này.",
                                  "The STUN server {server} does not tell the public address of this machine."),
    "no_turn_secret": Sentence(500, "Không đọc được mật khẩu chung với máy chủ TURN: {path}.",
                               "The secret that is shared with the TURN server cannot be read: {path}."),
    "no_network": Sentence(500, "Máy này chưa nối mạng nội bộ; hãy chỉ địa chỉ bằng --lan-address.",
                           "This machine is on no network; give its address by --lan-address."),
    "not_writable": Sentence(500, "Không ghi được vào {path}.", "Cannot write to {path}."),
    "needs_tls": Sentence(500, "Chỉ mở ra ngoài máy này khi có TLS (--lan hoặc --tls-cert).",
                          "Beyond this machine the server only speaks TLS (--lan or --tls-cert)."),
    "key_inside_data": Sentence(500, "Khóa chính {path} phải nằm ngoài thư mục dữ liệu.",
                                "The master key {path} has to lie outside the data directory."),
    "bad_certificate": Sentence(500, "Không đọc được chứng thư TLS {path}.", "Cannot read the TLS certificate {path}."),
    "wrong_master_key": Sentence(500, "Khóa chính không khớp với dữ liệu ở {path}.",
                                 "The master key does not fit the data in {path}."),
    "no_data": Sentence(500, "Chưa có dữ liệu nào ở {path}.", "There is no data in {path} yet."),
    "backup_postgresql": Sentence(
        500, "Lệnh này chỉ sao lưu và khôi phục SQLite. Với PostgreSQL: dùng pg_dump và pg_restore cho cơ sở dữ liệu, "
        "rồi chép các thư mục papers, uploads và bản ghi sau đó.",
        "This command backs up and restores SQLite only. With PostgreSQL use pg_dump and pg_restore for the database, "
        "and copy papers, uploads and recordings after it."),
    "backup_exists": Sentence(500, "Đã có {path}. Bản sao lưu cần một thư mục mới.",
                              "{path} is there already. A backup needs a new folder."),
    "backup_inside": Sentence(500, "{path} nằm trong dữ liệu hoặc bản ghi; hãy chọn chỗ khác.",
                              "{path} lies inside the data or the recordings; choose another place."),
    "no_room": Sentence(507, "Không đủ chỗ ở {path}: cần {needed} MB. Chưa ghi gì cả.",
                        "There is not enough space in {path}: {needed} MB are needed. Nothing was written."),
    "filled_up": Sentence(507, "Đĩa chứa {path} đầy giữa chừng. Hãy giải phóng chỗ rồi chạy lại.",
                          "The disk of {path} filled up on the way. Free some space and run this again."),
    "not_a_backup": Sentence(500, "{path} không phải là một bản sao lưu đầy đủ.", "{path} is not a whole backup."),
    "backup_damaged": Sentence(500, "Bản sao lưu hỏng: {count} tệp thiếu hoặc sai, đầu tiên là {what}.",
                               "The backup is damaged: {count} files are missing or altered, the first is {what}."),
    "data_there": Sentence(500, "Đã có dữ liệu ở {path}; không ghi đè gì cả.",
                           "There is data in {path}; nothing was overwritten."),
    "key_exists": Sentence(500, "{path} đã có sẵn và không bị ghi đè; hãy chọn tên tệp khác cho khóa chính mới.",
                           "{path} is there already and is not overwritten; choose another file for the new key."),
    "key_missing": Sentence(
        500, "Không có khóa chính ở {path}. Bản sao lưu không chứa khóa: hãy đặt bản sao của khóa vào đó.",
        "There is no master key at {path}. A backup does not hold it: put your copy of the key there."),
    "restore_unfinished": Sentence(500, "Lần khôi phục vào {path} chưa xong; hãy chạy lại proctor restore.",
                                   "Restoring into {path} was not completed; run proctor restore again."),
    "chain_broken": Sentence(500, "Sổ sự kiện của phòng {room} bị sửa ở mục {seq}.",
                             "The log of room {room} was altered at entry {seq}."),
    "not_owner": Sentence(503, "Phòng {room} đang do một máy chủ khác phụ trách.",
                          "Another server has taken over room {room}."),
    "disk_full": Sentence(507, "Máy chủ sắp hết chỗ lưu tệp. Bài viết vẫn được lưu.",
                          "The server is short of space for files. Your text is still being saved."),
    "damaged": Sentence(500, "Tệp {what} bị hỏng hoặc bị sửa.", "The file {what} is damaged or was altered."),
}


THINGS: Mapping[str, str] = {
    "account": "tài khoản", "briefing": "nội dung phổ biến", "candidate": "thí sinh", "closing": "danh sách công khai",
    "connection": "kết nối hình và tiếng",
    "diagnosis": "lần chẩn đoán", "exam": "kỳ thi", "file": "tệp", "handover": "biên bản bàn giao",
    "keyframe": "hình", "material": "tài liệu phát thêm", "message": "tin nhắn", "page": "trang", "paper": "đề thi",
    "photo": "ảnh", "practice": "buổi thi thử", "record": "bản ghi", "room": "phòng thi",
    "sealed data": "dữ liệu niêm phong", "segment": "đoạn ghi hình", "shift": "ca bàn giao", "staff": "cán bộ",
    "picture": "hình của thí sinh", "still": "ảnh tĩnh", "subscription": "luồng hình", "template": "mẫu",
    "violation": "ghi nhận vi phạm",
}  # fmt: skip
"""What `{what}` names, in Vietnamese; programs read the English word in the details."""


FIELDS: Mapping[str, tuple[str, str]] = {
    "category": ("loại vi phạm", "the category"),
    "check": ("mục kiểm tra", "the check"),
    "checks": ("các mục kiểm tra", "the checks"),
    "end_at": ("giờ kết thúc", "the end"),
    "files": ("danh sách tệp", "the list of files"),
    "act": ("một lần gửi đã có nội dung khác", "something else was sent by this name"),
    "time": ("thời điểm", "the time"),
    "from, to": ("khoảng thời gian", "the time range"),
    "message": ("thông điệp không đọc được", "the message cannot be read"),
    "minutes": ("số phút", "the minutes"),
    "name": ("tên trống hoặc quá dài", "the name is empty or too long"),
    "nature, title": ("loại hoặc tiêu đề", "the kind or the title"),
    "basis.since": ("ngày đầu của thời gian bất khả kháng (năm có bốn chữ số, từ 1990)",
                    "the first day of the force majeure (a year of four digits, from 1990)"),
    "basis.until": ("ngày cuối của thời gian bất khả kháng (năm có bốn chữ số, từ 1990)",
                    "the last day of the force majeure (a year of four digits, from 1990)"),
    "unit": ("tên đơn vị quá dài", "the name of the unit is too long"),
    "outcome": ("cách giải quyết", "the outcome"),
    "role": ("vai trò", "the role"),
    "status": ("trạng thái", "the status"),
    "subject": ("nội dung yêu cầu", "what it is about"),
    "text": ("nội dung trống hoặc quá dài", "the text is empty or too long"),
    "topic": ("nội dung phổ biến", "the topic of the briefing"),
    "until": ("giờ phải ở sau lúc này và sau giờ phát đề", "the time has to be after now and after the release"),
}
"""What `{field}` names where a person filled it in; what only programs send keeps its own name."""


DECISIONS: Mapping[str, tuple[str, str]] = {
    "form_decision": ("quyết định về hình thức thi", "the decision on the form"),
    "conditions": ("quy định về nội dung, hình thức, thời gian thi", "the rule on content, form and duration"),
    "grace_decision": ("quyết định về thời gian chờ tệp", "the decision on waiting for files"),
    "basis.party_consent": ("ý kiến đồng ý của tỉnh ủy, thành ủy", "the consent of the provincial Party committee"),
    "basis.academy_consent": ("ý kiến đồng ý của Học viện", "the consent of the Academy"),
    "basis.direction": ("chỉ đạo của cấp có thẩm quyền", "the direction of the competent authority"),
    "basis.ministry_guidance": ("hướng dẫn của Bộ", "the guidance of the Ministry"),
}
"""The decisions of a plan, whose parts a `{field}` names as "form_decision.number"."""


PARTS: Mapping[str, tuple[str, str]] = {
    "number": ("số của {decision} còn trống", "the number of {decision} is empty"),
    "signed_on": ("ngày ký của {decision} (năm có bốn chữ số, từ 1990; không ở tương lai)",
                  "the day on which {decision} was signed (a year of four digits, from 1990; not in the future)"),
    "signer": ("người ký của {decision} còn trống", "the signer of {decision} is empty"),
    "digest": ("mã SHA-256 bản đã ký của {decision}", "the SHA-256 of the signed copy of {decision}"),
    "empty_copy": ("bản đã ký của {decision} là tệp rỗng", "the signed copy of {decision} is an empty file"),
}
"""And those parts."""


STEPS: Mapping[str, tuple[str, str]] = {
    "device": ("kiểm tra thiết bị", "the device check"),
    "consent": ("đồng ý ghi hình", "the agreement to the recording"),
    "rules": ("đồng ý quy chế thi", "the rules of the exam"),
    "face": ("ảnh khuôn mặt", "the photograph of the face"),
    "card": ("ảnh giấy tờ, thẻ", "the photograph of the card"),
}
"""What the `{missing}` of `not_ready` names; programs read the keys in the details."""


UNITS: Mapping[str, str] = {"characters": "ký tự", "files": "tệp"}
"""What a `{limit}` counts, in Vietnamese; programs read the English word in the details."""


class ProctorError(Refusal):
    """A refusal raised outside the pure rooms."""


def status(refusal: Refusal) -> int:
    """The HTTP status of a refusal."""
    return SENTENCES[refusal.code].status


def sentence(refusal: Refusal, language: str = "vi") -> str:
    """The sentence in `language` ("vi" or "en"), with the details filled in."""
    text = SENTENCES[refusal.code]
    details = _Details(refusal.details)
    if "field" in refusal.details:
        details["field"] = _field(str(refusal.details["field"]), language == "en")
    if language != "en" and refusal.details.get("what") in THINGS:
        details["what"] = THINGS[refusal.details["what"]]
    if refusal.code == "not_ready" and "missing" in refusal.details:
        details["missing"] = ", ".join(STEPS[step][language == "en"] for step in refusal.details["missing"])
    if "limit" in refusal.details:
        details["limit"] = _limit(str(refusal.details["limit"]), language)
    if cited := refusal.details.get("citation"):
        citations = [Citation(rule) for rule in str(cited).split(", ")]
        details["citation"] = named(citations, "en" if language == "en" else "vi")
    return (text.en if language == "en" else text.vi).format_map(details)


def _field(place: str, english: bool) -> str:
    """What a person filled in at `place`, in words where there are some."""
    decision, _, part = place.rpartition(".")
    if decision in DECISIONS and part in PARTS:
        return PARTS[part][english].format(decision=DECISIONS[decision][english])
    return FIELDS[place][english] if place in FIELDS else place


def _limit(told: str, language: str) -> str:
    """"200000 characters" as people write it in `language`."""
    separator = "," if language == "en" else "."
    grouped = re.sub(r"\d{4,}", lambda number: f"{int(number[0]):,}".replace(",", separator), told)
    return grouped if language == "en" else re.sub(r"[a-z]+", lambda word: UNITS.get(word[0], word[0]), grouped)


def malformed(error: Exception) -> ProctorError:
    """`bad_request` for what msgspec found wrong with a message: `field` is where, `why` its words, for programs."""
    why = str(error)
    place = re.search(r"(?:field `|at `\$\.?)([^`]+)`", why)
    return ProctorError("bad_request", field=place[1] if place else "message", why=why)


def describe(refusal: Refusal) -> dict[str, Any]:
    """What goes over the wire: `{code, vi, en, details}`."""
    return {
        "code": refusal.code,
        "vi": sentence(refusal, "vi"),
        "en": sentence(refusal, "en"),
        "details": refusal.details,
    }


class _Details(dict[str, Any]):
    """Details as they are read: a moment by the clock of the place where exams are held."""

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        if key not in _MOMENTS or not isinstance(value, str) or "T" not in value:  # people's own words stay as they are
            return value
        try:
            return datetime.fromisoformat(value).astimezone(LOCAL_TIME).strftime("%H:%M:%S %d/%m/%Y")
        except (ValueError, OverflowError):
            return value

    def __missing__(self, key: str) -> str:
        return "?"
