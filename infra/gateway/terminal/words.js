// Every word of the page, in both languages.
const WORDS = {
  acknowledge: ["收到", "Acknowledge"], on_scene: ["已到场", "On scene"], done: ["处置完毕", "Done"],
  false_alarm: ["误报", "False alarm"], note: ["补充说明", "Note"], time_line: ["处置过程", "Time line"],
  log_in: ["登录", "Log in"], log_out: ["退出", "Log out"], user: ["用户", "User"], password: ["密码", "Password"],
  wrong: ["用户或密码不对", "Wrong user or password"], wait: ["尝试过多，请稍后再试", "Too many attempts, wait a minute"],
  alerts: ["警情", "Alerts"], patrol: ["巡视签到", "Patrol"], panic: ["紧急求助", "PANIC"],
  check_in: ["巡视签到", "Patrol check-in"], place_code: ["扫码或输入点位编号", "Scan or type the code of the place"],
  arrive: ["到达", "Arrive"], leave: ["离开", "Leave"], nothing: ["当前没有待处置警情", "No open alerts"],
  critical: ["紧急", "Critical"], major: ["重要", "Major"], minor: ["一般", "Minor"], notice: ["提示", "Notice"],
  open: ["待处置", "Open"], acknowledged: ["已收到", "Acknowledged"], closed: ["已办结", "Closed"],
  over: ["现场已解除", "Condition over"], waiting: ["待发送", "Waiting"], sent: ["已发送", "Sent"],
  offline: ["网络中断：操作已保存，恢复后按顺序发送", "Offline: what you do is kept and sent in order later"],
  queued: ["条操作待发送", "entries wait to be sent"], unobservable: ["无法观察", "Not observable"],
  ask_reason: ["误报原因", "Why is it a false alarm?"], harmless_activity: ["正常活动", "Harmless activity"],
  authorised_activity: ["经批准的活动", "Authorised activity"], drill: ["演练", "Drill"],
  equipment_fault: ["设备故障", "Equipment fault"], wrong_person_or_place: ["人员或位置有误", "Wrong person or place"],
  cancel: ["取消", "Cancel"], send: ["发送", "Send"], text: ["说明（仅留存在本案记录中）", "Text (stays in the record of this case)"],
  photo: ["照片", "Photo"], recording: ["录像编号", "Id of a recording"],
  ask_panic: ["确认发出紧急求助？", "Send a panic alarm?"], panic_sent: ["紧急求助已发出", "Panic alarm sent"],
  subjects: ["涉及", "Concerned"], camera: ["摄像机", "Camera"], alerts_in_case: ["条报警", "alerts"], just_now: ["刚刚", "just now"],
  minutes_ago: ["分钟前", "min ago"], hours_ago: ["小时前", "h ago"], days_ago: ["天前", "d ago"],
  opened: ["立案", "Opened"], joined: ["并入报警", "Alert joined"], told: ["推送", "Told"], held_back: ["暂不推送", "Held back"],
  answered: ["答复", "Answered"], refused: ["答复无效", "Answer does not count"], noted: ["补充说明", "Note"],
  escalated: ["上报", "Escalated"], cleared: ["现场解除", "Condition over"], alert: ["警情", "alert"],
  repeat: ["重复提醒", "reminder"], escalation: ["升级", "escalation"], list: ["汇总", "list"], unanswered: ["超时未响应", "not answered in time"],
  unfinished: ["超时未办结", "not finished in time"], itself: ["自动", "by itself"],
  not_refused: ["", ""], accused: ["被监督岗位及其人员不得处置本警情", "The post concerned and its members may not answer this"],
  not_called: ["本岗位不负责该警情", "This post was not called"], no_reason: ["请选择误报原因", "Choose a reason"],
  unknown_case: ["没有该警情", "No such case"], already_closed: ["该警情已办结", "The case is closed already"],
  orders: ["整改督办", "Orders"], orders_overdue: ["逾期未完成的整改", "Rectification orders overdue"], listed: ["挂牌督办", "listed"],
  overdue_days: ["逾期", "overdue"], none_overdue: ["没有逾期的整改", "No order is overdue"], category_duty: ["执勤", "duty"],
  category_cell: ["监室管理", "cells"], category_perimeter: ["外围", "perimeter"], category_medical: ["医疗", "medical"],
  category_equipment: ["设备", "equipment"], category_records: ["台账", "records"], category_rights: ["权益保障", "rights"],
  emergency: ["演练、疏散与隐患排查", "Drill, evacuation, hazard check"], evacuation: ["紧急疏散", "Evacuation"],
  hazard_check: ["隐患排查", "Hazard check"], within_minutes: ["限时（分钟）", "Within (minutes)"], order_open: ["下达", "Order"],
  order_close: ["结束", "Close"], ask_drill: ["下达演练？", "Order a drill?"], ask_evacuation: ["下达紧急疏散？", "Order an evacuation?"],
  ask_hazard_check: ["下达隐患排查？", "Order a hazard check?"],
  visits: ["会见", "Visits"], no_visits: ["没有待办会见", "No visits are booked"], no_room: ["尚未安排会见室", "NO ROOM YET"],
  kind_lawyer: ["律师", "lawyer"], kind_family: ["家属", "family"], kind_consular: ["领事", "consular"],
  visit_requested: ["待安排", "asked for"], visit_confirmed: ["已预约", "booked"], visit_open: ["会见中", "going on"],
  gate_open: ["登记进入", "Let in"], gate_close: ["登记离开", "Let out"], gate_no_show: ["未到", "Did not come"],
  too_early: ["未到登记时间", "It is too early"], over_already: ["该预约已办结或已取消", "The appointment is over or off"],
  unknown: ["没有该预约", "There is no such appointment"], still_open: ["会见正在进行", "The meeting is going on"],
  still_confirmed: ["来访人尚未登记进入", "The visitor was not let in yet"], still_requested: ["该申请尚未安排会见室", "The request has no room yet"],
  visit_request: ["登记会见申请", "Ask for a visit"], kind_of_visit: ["会见类型", "Kind of visit"],
  who_is_held: ["被会见人编号", "Pseudonym of who is to be visited"], who_visits: ["来访人编号", "Pseudonym of who visits"],
  how_many: ["来访人数", "How many come"], not_before: ["期望时段开始（可不填）", "Wanted from (may stay empty)"],
  not_after: ["期望时段结束（可不填）", "Wanted until (may stay empty)"], by_screen: ["现场排不出时", "Where no room is free"],
  screen_yes: ["可改为视频会见", "A meeting by screen would do"], screen_no: ["只接受现场会见", "In person only"],
  ask_for_visit: ["提交申请", "Ask"], both_times: ["期望时段请同时填写开始和结束", "Give both times, or none"],
  request_offline: ["网络中断：申请未提交，也不会自动补交；会见室只能联网安排，恢复后请重新提交",
    "Offline: the request was not made and is not kept for later. Rooms are given out only online; ask again when the line is back"],
  request_failed: ["申请未被接受，请核对编号和时段", "Not accepted; check pseudonyms and times"],
  visit_booked: ["已预约", "Booked"], visit_escalated: ["法定时限内暂无会见室，已报大门和带班领导协调", "No room within the law; gate and leader are asked to find one"],
  visit_refused: ["未能安排", "Not possible"], visit_held: ["已结束", "over"], visit_no_show: ["未到", "did not come"], visit_cancelled: ["已取消", "cancelled"],
  bring_now: ["请将被会见人带到会见室", "Bring the person to the room"],
  my_duty: ["我的执勤", "My duty"], hours_7d: ["近 7 天执勤", "On duty in 7 days"], on_duty: ["本班已执勤", "On duty now"],
  next_rest: ["下一班前休息", "Rest before the next duty"], closed_duty: ["封闭执勤", "Closed duty"], limit: ["限", "limit"],
  sleepiness_now: ["本班最高疲劳指数（1–9）", "Highest sleepiness of this duty (1–9)"], h: ["小时", "h"], d: ["天", "d"],
  sleepiness_next: ["下一班最高疲劳指数（1–9）", "Highest sleepiness of the next duty (1–9)"],
  no_line: ["网络中断，暂时看不到", "Offline: not to be seen now"],
  duty_hint: ["疲劳指数按三过程模型由排班推算，不是对本人的测量；只有本人能看到这些数字，领导只看到汇总。",
    "Sleepiness is reckoned from the roster by the three-process model and measures nobody. Only you see these figures; leaders see counts."],
  forbidden: ["本岗位无此权限", "This post may not do that"], failed: ["未被接受", "Not accepted"], see_photo: ["查看照片", "See the photo"],
};

export let language = localStorage.getItem("language") || "zh";
export function word(name) { return (WORDS[name] || [name, name])[language === "zh" ? 0 : 1]; }
export function pick(text) { return (text || {})[language] || ""; }
export function toggle() {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("language", language);
}
export function translate(root) {
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}
