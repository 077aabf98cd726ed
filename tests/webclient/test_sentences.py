"""What an inspector reads of the room's log: every kind of event is a sentence, in words, and is as grave as it is."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.async_api import Page

from proctor.exam.events import EVENTS, Event
from proctor.exam.office_events import OFFICE_EVENTS

pytestmark = pytest.mark.browser

AT = "2026-03-02T03:04:05+00:00"  # 10:04:05 in Hanoi
SCHEDULE = {"starts_at": AT, "release_at": AT, "working_minutes": 90, "submit_by": AT, "end_at": AT}
LOG: list[tuple[str, str, dict[str, Any]]] = [  # what the log told before
    ("staff_entered", "", {"staff": "s_8", "role": "inspector", "full_name": "Thanh tra Tám"}),
    ("staff_assigned", "", {"staff": "s_1", "full_name": "Cán bộ Một", "role": "invigilator"}),
    ("staff_assigned", "", {"staff": "s_2", "full_name": "Cán bộ Hai", "role": "invigilator"}),
    ("candidate_enrolled", "c_1", {"number": "001", "full_name": "Thí sinh Một"}),
    ("violation_noted", "c_1", {"violation": "v_1", "category": "phone", "text": "", "by": "s_1"}),
    ("violation_noted", "c_1", {"violation": "v_2", "category": "materials", "text": "", "by": "s_1"}),
    ("violation_noted", "c_1", {"violation": "v_3", "category": "talking", "text": "", "by": "s_1"}),
    ("violation_decided", "c_1", {"violation": "v_2", "status": "confirmed", "reason": "thấy rõ", "by": "s_1"}),
    ("violation_decided", "c_1", {"violation": "v_3", "status": "dismissed", "reason": "nhầm", "by": "s_1"}),
    ("candidate_wrote", "c_1", {"message": "m_1", "text": "Em nghe không rõ"}),
    ("file_received", "c_1", {"file": "f_1", "name": "bai.jpg", "type": "image/jpeg", "bytes": 7}),
    ("material_given", "", {"material": "t_1", "nature": "correction", "title": "Câu 2", "text": ""}),
]
SAID: list[tuple[str, dict[str, Any], str, str, str | None]] = [
    ("check_made", {"check": "eligibility", "passed": True, "by": "s_1", "reason": ""},
     "Cán bộ Một kiểm tra điều kiện dự thi: đạt", "Cán bộ Một checked eligibility: passed", None),
    ("check_made", {"check": "identity", "passed": False, "by": "s_1", "reason": "Thẻ mờ"},
     "Cán bộ Một kiểm tra nhân thân: không đạt. Thẻ mờ", "Cán bộ Một checked identity: not passed. Thẻ mờ", None),
    ("device_declined", {"device": "00", "epoch": 4, "reason": "Không đúng người", "by": "s_2"},
     "Cán bộ Hai không cho thiết bị khác vào thay. Lý do: Không đúng người",
     "Cán bộ Hai did not let the other device take over. Reason: Không đúng người", "measure"),
    ("briefing_held", {"topic": "submission", "present": ["c_1", "c_2"], "by": "s_1"},
     "Cán bộ Một: Hướng dẫn nộp bài, có mặt 2 thí sinh", "Cán bộ Một: How to hand in, 2 candidates present", None),
    ("briefing_held", {"topic": "rules", "present": ["c_1"], "by": "s_1"},
     "Cán bộ Một: Phổ biến quy chế thi, có mặt 1 thí sinh",
     "Cán bộ Một: The rules of the exam, 1 candidate present", None),
    ("briefings_missing", {"topics": ["rules", "submission"]},
     "Đã phát đề mà chưa có: Phổ biến quy chế thi, Hướng dẫn nộp bài",
     "The paper came out without: The rules of the exam, How to hand in", "alarm"),
    ("missing_briefings_acknowledged", {"topics": ["rules"], "by": "s_1"},
     "Cán bộ Một xác nhận đã biết là đề đã phát mà chưa có: Phổ biến quy chế thi",
     "Cán bộ Một took note that the paper came out without: The rules of the exam", None),
    ("photo_taken", {"photo": "p_1", "subject": "card", "sha256": "00", "bytes": 9},
     "Trang của thí sinh chụp ảnh giấy tờ, thẻ", "The candidate's page took a photograph of the card", None),
    ("violation_noted", {"violation": "v_1", "category": "phone", "text": "Cầm máy", "by": "s_1", "since": AT},
     "Cán bộ Một ghi nhận: Dùng điện thoại (từ 10:04:05). Cầm máy",
     "Cán bộ Một noted: Phone (since 10:04:05). Cầm máy", "reported"),
    ("violation_noted", {"violation": "v_2", "category": "materials", "text": "", "by": "s_1",
                         "since": AT, "until": AT},
     "Cán bộ Một ghi nhận: Dùng tài liệu (từ 10:04:05 đến 10:04:05)",
     "Cán bộ Một noted: Materials (from 10:04:05 to 10:04:05)", "confirmed"),
    ("violation_decided", {"violation": "v_3", "status": "dismissed", "reason": "nhầm", "by": "s_2"},
     "Cán bộ Hai quyết định về ghi nhận “Trao đổi, nói chuyện”: đã bỏ. nhầm",
     "Cán bộ Hai decided on the note “Talking”: dismissed. nhầm", "dismissed"),
    ("extra_time_granted", {"minutes": 15, "reason": "Mất điện"},
     "Thí sinh được thêm tất cả 15 phút. Lý do: Mất điện",
     "The candidate was given 15 minutes more in all. Reason: Mất điện", None),
    ("paper_key_delivered", {"sha256": "00", "by": "s_1"},
     "Gửi khóa mở đề (nhân danh Cán bộ Một)", "The paper's key was sent (in the name of Cán bộ Một)", None),
    ("paper_key_delivered", {}, "Gửi khóa mở đề", "The paper's key was sent", None),
    ("release_delayed", {"until": AT, "reason": "Chờ đủ người", "by": "s_1"},
     "Cán bộ Một hoãn phát đề đến 10:04:05. Lý do: Chờ đủ người",
     "Cán bộ Một put the paper off until 10:04:05. Reason: Chờ đủ người", None),
    ("shift_offered", {"by": "s_1", "to": "s_2", "matters": ["waiting:c_1", "violation:v_1", "message:m_1"],
                       "note": "Phòng ổn"},
     "Cán bộ Một bàn giao ca cho Cán bộ Hai. Việc còn lại: chờ vào phòng 001 Thí sinh Một, ghi nhận chờ xác nhận "
     "001 Thí sinh Một, tin nhắn chưa trả lời 001 Thí sinh Một. Phòng ổn",
     "Cán bộ Một offered the shift to Cán bộ Hai. Left open: waiting 001 Thí sinh Một, note not decided "
     "001 Thí sinh Một, message not answered 001 Thí sinh Một. Phòng ổn",
     None),
    ("shift_taken", {"by": "s_2", "matters": ["violation:v_1"]},
     "Cán bộ Hai nhận ca, đã rõ việc còn lại: ghi nhận chờ xác nhận 001 Thí sinh Một",
     "Cán bộ Hai took the shift, with these matters open: note not decided 001 Thí sinh Một", None),
    ("shift_lapsed", {"by": "s_1", "to": "s_2"},
     "Ca giao cho Cán bộ Hai không còn hiệu lực: người nhận không còn coi thi ở phòng",
     "The shift offered to Cán bộ Hai stands no more: they no longer run the room", None),
    ("message_sent", {"message": "m_2", "to": ["c_1"], "text": "Ngồi lại", "by": "s_1"},
     "Cán bộ Một nhắn 001 Thí sinh Một: Ngồi lại", "Cán bộ Một wrote to 001 Thí sinh Một: Ngồi lại", None),
    ("message_sent", {"message": "m_2", "to": [], "text": "Còn 5 phút", "by": "s_1"},
     "Cán bộ Một nhắn cả phòng: Còn 5 phút", "Cán bộ Một wrote to the whole room: Còn 5 phút", None),
    ("message_seen", {"message": "m_1"}, "Thí sinh đã đọc tin nhắn: Em nghe không rõ",
     "The candidate read the message: Em nghe không rõ", None),
    ("hand_lowered", {"by": "c_1"}, "Hạ tay (bởi 001 Thí sinh Một)", "Hand lowered (by 001 Thí sinh Một)", None),
    ("file_removed", {"file": "f_1"}, "Thí sinh bỏ tệp bai.jpg", "The candidate removed the file bai.jpg", None),
    ("material_received", {"material": "t_1"}, "Thí sinh nhận được: Câu 2", "The candidate received: Câu 2", None),
    ("media_changed", {"state": "stalled"}, "Hình và tiếng bị ngắt quãng", "Picture and sound stalled", "technical"),
    ("media_changed", {"state": "resumed"}, "Hình và tiếng có lại", "Picture and sound came back", None),
    ("candidate_disconnected", {"epoch": 1, "reason": "ping timeout"},
     "Thí sinh mất kết nối", "The candidate lost the connection", "technical"),
    ("recording_fault", {"why": "disk"}, "Lỗi ghi hình: đĩa không ghi được",
     "Recording fault: the disk refused to write", "technical"),
    ("submission_rejected", {"unmet": ["after_submit_by"], "text_sha256": "00", "files": []},
     "Bài gửi đến không được nhận: sau hạn nộp", "Work that arrived was not accepted: after the deadline", "measure"),
    ("room_held", {"missed": "deadline", "since": AT},
     "Máy chủ ngừng từ 10:04:05 nên lỡ hạn nộp bài, hoặc chỉ trở lại sát hạn; chờ Phòng Quản lý đào tạo quyết định",
     "The server was down from 10:04:05 and missed the deadline, or was back only just before it; "
     "the training office has to decide", "technical"),
    ("room_held", {"missed": "invigilator", "since": AT},
     "Từ giờ phát đề 10:04:05 đến hết giờ nộp bài không có cán bộ coi thi để phát đề; "
     "chờ Phòng Quản lý đào tạo quyết định",
     "From the release at 10:04:05 to the deadline no invigilator was there to release the paper; the training office "
     "has to decide", "technical"),
    ("hold_resolved", {"outcome": "accept_saved", "reason": "Mất điện"},
     "Phòng Quản lý đào tạo quyết định: nhận bài đã lưu. Lý do: Mất điện",
     "The training office decided: accept the saved work. Reason: Mất điện", None),
    ("hold_resolved", {"outcome": "refer_to_deferral", "reason": "Mất điện"},
     "Phòng Quản lý đào tạo quyết định: hoãn thi, ghi điểm I, thi ở đợt kế tiếp. Lý do: Mất điện",
     "The training office decided: defer: mark I and the next exam period. Reason: Mất điện", None),
    ("referred_to_deferral", {}, "Thí sinh được hoãn thi: ghi điểm I, thi ở đợt kế tiếp",
     "The candidate was deferred: mark I and the next exam period", "technical"),
    ("late_file_kept", {"file": "f_2", "name": "bai.jpg", "received_at": AT, "why": "suspended"},
     "Giữ một tệp làm bằng chứng: đến khi bài thi đang bị đình chỉ",
     "A file was kept as evidence: it came while the exam was suspended", None),
    ("late_file_kept", {"file": "f_2", "name": "bai.jpg", "received_at": AT},
     "Giữ một tệp làm bằng chứng: đến sau hạn", "A file was kept as evidence: it came after the deadline", None),
    ("late_text_kept", {"text": "…", "sha256": "0", "received_at": AT, "written_at": AT},
     "Giữ phần chữ đến sau hạn làm bằng chứng (trang cho biết viết lúc 10:04:05); bài làm không bị thay đổi",
     "A text that came after the deadline was kept as evidence (written at 10:04:05, as the page says); "
     "the work stays as it is", None),
    ("late_text_kept", {"text": "…", "sha256": "0", "received_at": AT},
     "Giữ phần chữ đến sau hạn làm bằng chứng; bài làm không bị thay đổi",
     "A text that came after the deadline was kept as evidence; the work stays as it is", None),
    ("not_collected", {"why": "disconnected", "deadline": AT},
     "Hết giờ: bài đã lưu không được thu, thí sinh lúc đó mất kết nối",
     "Time over: the saved work was not collected, the candidate was not connected then", "technical"),
    ("awaiting_prolonged", {"until": AT}, "Máy chủ ngừng lúc tệp đang gửi: chờ tệp đã khai đến 10:04:05",
     "The server was away while files were being sent: they are awaited until 10:04:05", "technical"),
    ("staff_entered", {"staff": "s_9", "role": "inspector", "minutes_before_start": 30},
     "Thanh tra Chín vào phòng (sớm 30 phút so với giờ bắt đầu)",
     "Thanh tra Chín entered the room (30 min before the start)", None),
    ("staff_left", {"staff": "s_8"}, "Thanh tra Tám rời phòng", "Thanh tra Tám left the room", None),
    ("staff_refused", {"staff": "s_1", "role": "invigilator", "minutes_before_start": 31},
     "Cán bộ Một chưa được vào: phòng chưa mở cho cán bộ (sớm 31 phút so với giờ bắt đầu)",
     "Cán bộ Một was not let in: the room is not open to staff yet (31 min before the start)", None),
    ("late_refused", {"until": AT}, "Thí sinh đến sau 10:04:05, hạn cho phép vào muộn, nên chưa được vào phòng chờ",
     "The candidate came after 10:04:05, the limit for late arrivals, and was not let into the lobby", None),
    ("roster_refused", {"by": "s_1", "adding": 2, "on_roster": 49, "capacity": 50, "number": ""},
     "Cán bộ Một thêm 2 thí sinh không được: phòng đã có 49, nhiều nhất 50",
     "Cán bộ Một could not add 2 candidates: the room has 49 and holds at most 50", None),
    ("roster_refused", {"by": "s_1", "adding": 1, "on_roster": 50, "capacity": 50, "number": "007"},
     "Cán bộ Một thêm 1 thí sinh (số báo danh 007) không được: phòng đã có 50, nhiều nhất 50",
     "Cán bộ Một could not add 1 candidate (number 007): the room has 50 and holds at most 50", None),
    ("staff_entered", {"staff": "s_1", "role": "invigilator", "minutes_before_start": -4},
     "Cán bộ Một vào phòng (muộn 4 phút so với giờ bắt đầu)",
     "Cán bộ Một entered the room (4 min after the start)", None),
    ("staff_entered", {"staff": "s_1", "role": "invigilator", "minutes_before_start": 0},
     "Cán bộ Một vào phòng (sớm chưa đến 1 phút so với giờ bắt đầu)",
     "Cán bộ Một entered the room (less than a minute before the start)", None),
    ("segment_closed", {"segment": {"started_at": AT, "duration_ms": 60_000}},
     "Hoàn tất một đoạn ghi hình từ 10:04:05, dài 01:00",
     "A recorded segment is finished: from 10:04:05, 01:00 long", None),
]  # fmt: skip
SAY = """async ({ log, events }) => {
  const [i18n, { known, level, sentence }] =
    await Promise.all([import("/lib/i18n.js"), import("/pages/inspector/sentences.js")]);
  await i18n.addTexts({ vi: () => import("/lang/staff_vi.js"), en: () => import("/lang/staff_en.js") });
  await i18n.addTexts({ vi: () => import("/lang/inspection_vi.js"), en: () => import("/lang/inspection_en.js") });
  const said = {};
  for (const language of ["vi", "en"]) {
    await i18n.setLanguage(language);
    const it = known(log, { subject: "s_9", full_name: "Thanh tra Chín" });
    said[language] = events.map((event) => [sentence(event, it), level(event, it)]);
  }
  return said;
}"""


def event(kind: str, data: dict[str, Any], candidate: str = "c_1") -> dict[str, Any]:
    return {"seq": 1, "at": AT, "kind": kind, "actor": "s_1", "candidate": candidate, "data": data}


async def test_who_leaves_after_handing_in_or_after_the_end_has_lost_nothing(module_page: Page) -> None:
    gone = {"epoch": 1, "reason": "transport close"}
    kinds = [("candidate_disconnected", gone, "c_1"), ("submitted", {}, "c_1"), ("candidate_disconnected", gone, "c_1"),
             ("candidate_disconnected", gone, "c_2"), ("submission_closed", {}, None),
             ("media_changed", {"state": "closed"}, "c_2"), ("candidate_disconnected", gone, "c_2"),
             ("recording_viewed", {"by": "s_77", "full_name": "Thanh tra Hòa"}, "c_1")]  # fmt: skip
    log = [{**event(kind, data), "seq": seq, "candidate": whose} for seq, (kind, data, whose) in enumerate(kinds)]
    said = await module_page.evaluate(SAY, {"log": log, "events": log})
    lost, left = ["Thí sinh mất kết nối", "technical"], ["Thí sinh rời trang sau khi đã xong", None]
    assert [said["vi"][place] for place in (0, 2, 3, 6)] == [lost, left, lost, left]
    assert said["en"][6][0] == "The candidate left the page, being through"
    assert said["vi"][5][1] is None
    assert said["vi"][7] == ["Thanh tra Hòa xem lại bản ghi", None]


async def test_who_comes_back_into_the_room_is_not_late_for_that(module_page: Page) -> None:
    came = {"staff": "s_1", "role": "invigilator"}
    log = [{**event("staff_entered", {**came, "minutes_before_start": minutes}), "seq": seq}
           for seq, minutes in enumerate((7, -3))]  # fmt: skip
    said = await module_page.evaluate(SAY, {"log": [event("staff_assigned", {**came, "full_name": "Lê An"}), *log],
                                            "events": log})  # fmt: skip
    first, again = (text for text, _ in said["vi"])
    assert (first, again) == ("Lê An vào phòng (sớm 7 phút so với giờ bắt đầu)", "Lê An trở lại phòng")
    assert said["en"][1] == ["Lê An came back to the room", None]


async def say(page: Page, events: list[dict[str, Any]]) -> dict[str, list[tuple[str, str | None]]]:
    log = [event(kind, data, candidate) for kind, candidate, data in LOG]
    said: dict[str, list[tuple[str, str | None]]] = await page.evaluate(SAY, {"log": log, "events": events})
    return said


async def test_an_event_is_said_in_words_and_is_as_grave_as_it_is(module_page: Page) -> None:
    said = await say(module_page, [event(kind, data) for kind, data, *_ in SAID])
    assert [(text, grave) for text, grave in said["vi"]] == [(vi, grave) for _, _, vi, _, grave in SAID]
    assert [(text, grave) for text, grave in said["en"]] == [(en, grave) for _, _, _, en, grave in SAID]


@pytest.mark.parametrize(
    ("client_time", "shown"),
    [
        ("2026-03-02T03:06:05.000Z", "giờ trên máy thí sinh: 10:06:05"),
        ("2026-03-01T03:04:05.000Z", "giờ trên máy thí sinh: 10:04:05 01/03/2026"),
        ("2026-03-02T03:04:03.500Z", ""),  # as long may the way have taken
        ("", ""),
        ("không phải giờ", ""),
    ],
)
async def test_the_clock_of_the_candidates_computer_is_shown_where_it_was_another(
    module_page: Page, client_time: str, shown: str
) -> None:
    told = {**event("submitted", {"client_time": client_time}), "at": AT}
    own = "async (told) => (await import('/pages/inspector/sentences.js')).ownClock(told)"
    await module_page.evaluate("import('/pages/shared/log_texts.js').then(() => null)")
    assert await module_page.evaluate(own, told) == shown


async def test_a_decimal_number_is_written_as_the_language_writes_it(module_page: Page) -> None:
    written = await module_page.evaluate("""async () => {
      const i18n = await import("/lib/i18n.js");
      const written = {};
      for (const language of ["en", "vi"]) {
        await i18n.setLanguage(language);
        written[language] = [i18n.decimals(5.74, 1), i18n.decimals(0, 1)];
      }
      return written;
    }""")
    assert written == {"vi": ["5,7", "0,0"], "en": ["5.7", "0.0"]}


def sample(kind: str, events: Mapping[str, type[Event]] = EVENTS) -> dict[str, Any]:
    """Some data of that kind, with every field."""
    known = {"schedule": SCHEDULE, "segment": {"started_at": AT, "duration_ms": 1000}, "by": "s_1", "staff": "s_1"}
    by_type = {"str": "một lời", "int": 7, "float": 1.5, "bool": True, "datetime": AT, "tuple": [], "dict": {}}
    fields = {each.name: str(each.type) for each in dataclasses.fields(events[kind])}
    return {name: known.get(name, next((by_type[each] for each in by_type if of.startswith(each)), {}))
            for name, of in fields.items() if name != "candidate"}  # fmt: skip


@pytest.mark.parametrize("filled", [True, False])
async def test_no_kind_of_event_shows_its_raw_data(module_page: Page, filled: bool) -> None:
    """Neither with every field nor with none, as when the personal data of an entry was erased."""
    said = await say(module_page, [event(kind, sample(kind) if filled else {}) for kind in EVENTS])
    for language in ("vi", "en"):
        for kind, (text, _) in zip(EVENTS, said[language], strict=True):
            assert len(text) > 5, kind
            for raw in ("event.", "inspection.", "{", "undefined", "null", "NaN", "[object", "s_1", AT):
                assert raw not in text, (kind, text)


OFFICE_LOG: list[tuple[str, dict[str, Any]]] = [
    ("account_made", {"staff": "s_1", "name": "lan", "full_name": "Cán bộ Lan", "role": "training_office"}),
    ("exam_created", {"exam": "e_1", "title": "Triết học", "schedule": SCHEDULE, "source": ""}),
    ("room_created", {"exam": "e_1", "room": "r_1", "title": "Phòng 1"}),
    ("room_created", {"exam": "e_1", "room": "r_2", "title": "Phòng 2"}),
]
OFFICE_SAID: list[tuple[str, dict[str, Any], str, str]] = [
    ("exam_created", {"exam": "e_1", "title": "Triết học", "schedule": SCHEDULE, "source": "e_1"},
     "Cán bộ Lan tạo kỳ thi “Triết học”, bắt đầu 10:04 02/03/2026, nhân bản từ “Triết học”",
     "Cán bộ Lan created the exam “Triết học”, which starts at 10:04 02/03/2026, cloned from “Triết học”"),
    ("roster_imported", {"room": "r_1", "candidates": ["c_1", "c_2"]},
     "Cán bộ Lan nhập 2 thí sinh vào “Phòng 1, Triết học”",
     "Cán bộ Lan imported 2 candidates into “Phòng 1, Triết học”"),
    ("candidate_moved", {"room": "r_1", "to": "r_2"},
     "Cán bộ Lan chuyển 001 Thí sinh Một từ “Phòng 1, Triết học” sang “Phòng 2, Triết học”",
     "Cán bộ Lan moved 001 Thí sinh Một from “Phòng 1, Triết học” to “Phòng 2, Triết học”"),
    ("room_staffed", {"room": "r_1", "staff": ["s_1"]}, "Cán bộ Lan phân công cho “Phòng 1, Triết học”: Cán bộ Lan",
     "Cán bộ Lan assigned to “Phòng 1, Triết học”: Cán bộ Lan"),
    ("password_set", {"staff": "s_1", "name": "lan", "full_name": "Cán bộ Lan", "role": "training_office",
                      "change": "w_1", "happened_at": AT},
     "Mật khẩu tài khoản “lan” của Cán bộ Lan, Phòng Quản lý đào tạo, được đặt bằng dòng lệnh; không rõ ai đặt. "
     "10:04 02/03/2026",
     "The password of the account “lan” of Cán bộ Lan, Training office, was set at the command line, by whom is not "
     "known. 10:04 02/03/2026"),
    ("paper_uploaded", {"exam": "e_1", "sha256": "00", "bytes": 1, "use": "reserve"},
     "Cán bộ Lan nạp đề dự phòng cho kỳ thi “Triết học”",
     "Cán bộ Lan loaded the reserve paper for the exam “Triết học”"),
    ("room_steered", {"room": "r_1", "act": "grant_time", "reason": "Mất điện"},
     "Cán bộ Lan điều hành “Phòng 1, Triết học”: thêm giờ. Mất điện",
     "Cán bộ Lan steered “Phòng 1, Triết học”: extra time. Mất điện"),
]  # fmt: skip
SAY_OFFICE = """async ({ log, events }) => {
  const [i18n, { known, sentence }] =
    await Promise.all([import("/lib/i18n.js"), import("/pages/office/office_sentences.js")]);
  await i18n.addTexts({ vi: () => import("/lang/staff_vi.js"), en: () => import("/lang/staff_en.js") });
  await i18n.addTexts({ vi: () => import("/lang/inspection_vi.js"), en: () => import("/lang/inspection_en.js") });
  const people = [{ candidate: "c_1", number: "001", full_name: "Thí sinh Một" }];
  const said = {};
  for (const language of ["vi", "en"]) {
    await i18n.setLanguage(language);
    const it = known(log, [{ rooms: [{ candidates: people }] }]);
    said[language] = events.map((event) => sentence(event, it));
  }
  return said;
}"""


async def say_office(page: Page, events: list[dict[str, Any]]) -> dict[str, list[str]]:
    log = [event(kind, data) for kind, data in OFFICE_LOG]
    said: dict[str, list[str]] = await page.evaluate(SAY_OFFICE, {"log": log, "events": events})
    return said


async def test_an_act_of_the_office_is_said_in_words(module_page: Page) -> None:
    said = await say_office(module_page, [event(kind, data) for kind, data, *_ in OFFICE_SAID])
    assert said["vi"] == [vi for _, _, vi, _ in OFFICE_SAID]
    assert said["en"] == [en for _, _, _, en in OFFICE_SAID]


@pytest.mark.parametrize("filled", [True, False])
async def test_no_act_of_the_office_shows_its_raw_data(module_page: Page, filled: bool) -> None:
    events = [event(kind, sample(kind, OFFICE_EVENTS) if filled else {}) for kind in OFFICE_EVENTS]
    said = await say_office(module_page, events)
    for language in ("vi", "en"):
        for kind, text in zip(OFFICE_EVENTS, said[language], strict=True):
            assert len(text) > 5, kind
            for raw in ("office_event.", "office_log.", "{", "undefined", "null", "NaN", "[object", "s_1", AT):
                assert raw not in text, (kind, text)


@pytest.mark.parametrize("why", ["replaced", "candidate", "device_changed"])
async def test_why_a_telephone_was_cut_off_is_said_in_words(module_page: Page, why: str) -> None:
    said = await say(module_page, [event("phone_revoked", {"phone": "p_1", "why": why})])
    assert all(words and not words.endswith((": ", f": {why}")) for ((words, _),) in said.values()), said
