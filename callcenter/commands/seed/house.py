"""The house itself: accounts, customers' files, knowledge, appraisals, and each day's handover."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from callcenter.casework import documents, handovers, steps
from callcenter.casework.customers import allotment as customer_allotment
from callcenter.casework.customers import record as customers
from callcenter.casework.customers.effects import Rules
from callcenter.casework.staff import accounts, appraisals
from callcenter.commands.seed.company import Company, Nuisance, Person
from callcenter.core.people import ADMIN, AGENT, MANAGER, QA, SUPERVISOR
from callcenter.store.customer_tables import Customer
from callcenter.store.handover_tables import Handover

CUSTOMERS = 140
FIRMS = 0.2


def people(company: Company) -> None:
    """Accounts at every stage (N2). None of a manager is open: accounts then bind nobody, and who
    looks at the demo may sign with any name."""
    for agent in company.agents:
        number = _asked(company, agent.name, [AGENT], agent.number)
        company.take(accounts.act, number, "approve", company.manager, decision="同意")
        company.take(accounts.act, number, "open", company.words.people["admin"])
    for name, role in ((company.leads[0], SUPERVISOR), (company.qa, QA)):
        number = _asked(company, name, [role])
        company.take(accounts.act, number, "approve", company.manager, decision="同意")
        company.take(accounts.act, number, "open", company.words.people["admin"])
    number = _asked(company, company.manager, [MANAGER])
    company.take(accounts.act, number, "approve", "总经理", decision="同意")
    _asked(company, company.words.people["admin"], [ADMIN])
    refused = _asked(company, company.words.name(), [AGENT])
    company.take(accounts.act, refused, "refuse", company.manager, decision="尚在试用期")


def _asked(company: Company, person: str, roles: list[str], agent: str = "") -> str:
    fields = {"person": person, "roles": roles, "agent": agent, "reason": "岗位需要"}
    fact = accounts.request(company.session, fields, company.actor("人事行政"))
    company.write(fact)
    return fact.number


def files(company: Company) -> None:
    """Customers' files: people and firms, members, key customers, one harasser among them (H4)."""
    for n in range(CUSTOMERS):
        who, fields = _customer(company, n)
        rules = Rules(company.hours)
        fact = customers.open_file(
            company.session, fields, company.actor(company.rng.choice(company.agents).name), rules
        )
        company.write(fact)
        who.file = fact.number
        company.customers.append(who)
    mobile, office = company.words.mobile(), company.words.landline()
    mine = [mobile, company.customers[0].phone, office, company.words.mobile()]
    company.nuisance = Nuisance(mine)
    company.later(30, 300, partial(_allot, company))
    company.later(1440, 9000, lambda _at: _merge(company))
    company.later(9000, 30_000, lambda _at: _forget(company))
    for who in company.rng.sample(company.customers, CUSTOMERS // 2):
        company.later(1440, 1440 * 20, partial(_live, company, who))


def _customer(company: Company, n: int) -> tuple[Person, dict[str, Any]]:
    rng, words = company.rng, company.words
    name = words.name()
    who = Person(name, words.mobile())
    fields: dict[str, Any] = {"name": name, "numbers": [who.phone], "address": words.address()}
    if company.likely(FIRMS):
        fields |= {"name": words.firm(), "contact": name, "business_scope": "批发零售"}
        fields["numbers"] = [who.phone, words.landline()]
    if company.likely(0.35):
        fields |= {"member": True, "email": f"customer{n:03d}@example.com"}
    bought = rng.choice((0, 0, 1, 1, 2, 3, 6, 14))
    fields |= {"purchases": bought, "amount_fen": bought * rng.randint(19_900, 399_900)}
    if bought:
        days = rng.choice((3, 20, 60, 130, 200))
        fields["last_purchase_at"] = company.now - timedelta(days=days)
    return who, fields


def _allot(company: Company, _at: datetime) -> None:
    skills = {agent.name: 1 + n % 3 for n, agent in enumerate(company.agents)}
    facts = customer_allotment.allot(
        company.session, skills, company.actor(company.leads[0]), Rules(company.hours)
    )
    company.write(*facts[: -len(facts) // 10])


def _live(company: Company, who: Person, _at: datetime) -> None:
    """Something happens to a customer's file: a word, a purchase, a consent, another number."""
    row = steps.get(company.session, Customer, who.file)
    agent = row.agent or company.agents[0].name
    act = partial(customers.act, rules=Rules(company.hours))
    match company.rng.choice(("contact", "contact", "bought", "number", "consent", "class")):
        case "contact":
            note = "电话沟通，客户使用正常"
            company.take(act, who.file, "record_contact", agent, note=note)
        case "bought":
            amount = company.rng.randint(19_900, 299_900)
            company.take(act, who.file, "record_purchase", agent, amount_fen=amount)
        case "number":
            phone = company.words.landline()
            company.take(act, who.file, "correct_number", agent, phone=phone)
        case "consent":
            given = {
                "reference": f"同意书-{who.file[-4:]}",
                "to": "安装公司",
                "purpose": "上门安装",
            }
            company.take(act, who.file, "record_consent", agent, **given)
            told = {**given, "what": "姓名、地址、电话"}
            company.take(act, who.file, "disclose", company.leads[0], **told)
        case _:
            given = {"customer_class": "key", "reason": "长期合作单位"}
            company.take(act, who.file, "classify", company.leads[0], **given)


def _merge(company: Company) -> None:
    """A file that was opened twice."""
    who, rules = company.customers[3], Rules(company.hours)
    fields = {"name": who.name, "numbers": [who.phone], "remarks": "客户来电登记"}
    agent = company.agents[0].name
    twice = customers.open_file(company.session, fields, company.actor(agent), rules)
    company.write(twice)
    given = {"merged_into": who.file, "reason": "同一客户"}
    act = partial(customers.act, rules=rules)
    company.take(act, twice.number, "merge", company.leads[0], **given)


def _forget(company: Company) -> None:
    """Somebody who never called asks for their file to be deleted."""
    fields = {"name": company.words.name(), "numbers": [company.words.mobile()]}
    agent, rules = company.agents[1].name, Rules(company.hours)
    made = customers.open_file(company.session, fields, company.actor(agent), rules)
    company.write(made)
    act = partial(customers.act, rules=rules)
    company.take(act, made.number, "anonymise", company.leads[0], reason="客户要求删除")


def knowledge(company: Company) -> None:
    """Documents on their way into the knowledge base (N1, S4); the last ones are not there yet."""
    entries = company.words.all["document"]
    for n, entry in enumerate(entries):
        writer = company.agents[n % len(company.agents)].name
        fact = documents.write(
            company.session, {**entry, **_ends(company, n)}, company.actor(writer)
        )
        company.write(fact)
        chain = [("submit", writer), ("review", company.manager), ("publish", company.leads[0])]
        for action, by in chain[: len(chain) - max(0, n - len(entries) + len(chain))]:
            company.take(documents.act, fact.number, action, by)


def _ends(company: Company, n: int) -> dict[str, str]:
    """The first two documents end: one is over, one will be soon."""
    days = {0: -6, 1: 12}
    day = company.now.astimezone(company.hours.zone) + timedelta(days=days.get(n, 0))
    return {"valid_until": f"{day:%Y-%m-%d}"} if n in days else {}


def appraise(company: Company) -> None:
    """This month's test and appraisal of everybody, and the year's training (K4 to K7)."""
    wall = company.now.astimezone(company.hours.zone)
    for agent in company.agents:
        for sort, period in (("test", f"{wall:%Y-%m}"), ("monthly", f"{wall:%Y-%m}")):
            number = _planned(company, agent.name, sort, period, "业务知识")
            _rated(company, number, agent.name, sort)
        _planned(company, agent.name, "training", f"{wall:%Y}", "新品与投诉处理")


def _planned(company: Company, agent: str, sort: str, period: str, topic: str) -> str:
    due = company.now + timedelta(days=10)
    fields = {"agent": agent, "sort": sort, "period": period, "topic": topic, "due_at": due}
    fact = appraisals.plan(company.session, fields, company.actor(company.leads[0]))
    company.write(fact)
    return fact.number


def _rated(company: Company, number: str, agent: str, sort: str) -> None:
    rng, lead = company.rng, company.leads[0]
    if sort == "test":
        score = rng.randint(72, 99)
        company.take(appraisals.act, number, "rate", lead, source="test", score=score)
    else:
        other = next(one.name for one in company.agents if one.name != agent)
        for by, source in ((lead, "superior"), (other, "peer"), (agent, "self")):
            score = rng.randint(75, 98)
            company.take(appraisals.act, number, "rate", by, source=source, score=score)
    if company.likely(0.7):
        company.take(appraisals.act, number, "confirm", lead, summary="表现稳定")


def hand_over(company: Company) -> None:
    """The evening's sheet: drawn, added to, ticked item by item, signed by both (J1 to J11)."""
    giver, taker = company.rng.sample(company.agents, 2)
    wall = company.now.astimezone(company.hours.zone)
    starts = company.now + timedelta(minutes=30)
    shift = f"{wall:%Y-%m-%d} 早班转晚班"
    fact = handovers.draw(company.session, shift, company.actor(giver.name), starts)
    company.write(fact)
    act = partial(_hand, company, fact.number)
    if company.likely(0.5):
        act("add", giver.name, sort="temporary", text="今日起净水器滤芯活动价，至月底")
    if company.likely(0.3):
        act("add", giver.name, sort="from_above", text="主管要求：重大投诉当天回电")
    if company.likely(0.3):
        act("add", giver.name, sort="special", text="一位客户一天来电三次，情绪激动")
    act("log", giver.name, text="话务平稳，晚间骚扰来电较多")
    company.later(
        5, 10, lambda _at: _taken(company, fact.number, giver.name, taker.name), office=False
    )


def _taken(company: Company, number: str, giver: str, taker: str) -> None:
    act = partial(_hand, company, number)
    act("give", giver, taker=taker)
    act("arrive", taker)
    items = steps.get(company.session, Handover, number).items
    for at in range(len(items)):
        act("tick", taker, item=at, told_by_voice=True)
    act("take", taker)


def _hand(company: Company, number: str, action: str, by: str, **given: Any) -> None:
    company.take(handovers.act, number, action, by, **given)
