"""Appointments of lawyers', family and consular visits, from the request to the meeting.

Pure decisions on plain data (`decide`): no clock, no network. `book` is the edge: it keeps what was said to a
facility's desk, hears from the lake what changes, notes each act in the audit log and lands the events that rules read.
"""
