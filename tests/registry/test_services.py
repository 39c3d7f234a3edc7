"""Kinds of institutions and services: read by any of their names, shown by their label."""

import pytest

from bot.registry.services import BASIC_SERVICES, Kind, Service, labels, read_kind, read_service, services_in


def test_every_tag_is_read_back_from_its_value_and_its_label():
    for service in Service:
        assert read_service(service.value) is read_service(service.label) is service
    for kind in Kind:
        assert read_kind(kind.value) is read_kind(kind.label) is kind


def test_tags_fit_their_column():
    assert all(len(kind.value) <= 40 for kind in Kind)


def test_every_point_owes_the_basic_services():
    assert [s.label for s in BASIC_SERVICES] == ["咨询", "检索", "培训"]


@pytest.mark.parametrize(
    ("word", "service"),
    [
        ("查询检索", Service.SEARCH),
        (" 维权 ", Service.ENFORCEMENT),
        ("SEARCH", Service.SEARCH),
        ("洗车", None),
        ("", None),
    ],
)
def test_services_by_other_names(word, service):
    assert read_service(word) is service


@pytest.mark.parametrize(("word", "kind"), [("图书馆", Kind.LIBRARY), ("行业协会", Kind.ASSOCIATION), ("火车站", None)])
def test_kinds_by_other_names(word, kind):
    assert read_kind(word) is kind


@pytest.mark.parametrize(
    ("sentence", "services"),
    [
        ("乌市哪里能做专利导航和维权", (Service.ANALYSIS, Service.ENFORCEMENT)),
        ("找能检索又能培训、还能检索的网点", (Service.SEARCH, Service.TRAINING)),
        ("附近的网点", ()),
    ],
)
def test_services_in_a_sentence(sentence, services):
    assert services_in(sentence) == services


def test_labels_leave_unknown_tags_out():
    assert labels(("search", "washing", "overseas")) == "检索、海外"
