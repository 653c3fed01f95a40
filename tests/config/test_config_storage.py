"""Where large contents are kept: a folder, or the bucket that `[storage]` names."""

from collections.abc import Callable

import pytest

from maild.config import Config
from maild.store.contents import Bucket

Build = Callable[..., Config]
Find = Callable[..., list[str]]


def test_without_storage_there_is_no_bucket(config: Build) -> None:
    assert config().bucket is None


def test_a_bucket_is_named_with_its_folder_and_its_key(config: Build) -> None:
    pytest.importorskip("obstore")
    more = """
        [storage]
        url = "s3://acme-mails/desk/one/"
        endpoint = "https://s3.acme.test"
        region = "eu-central-1"
        access_key = "AKIA"
        """

    bucket = config(more, MAILD_STORAGE__SECRET_KEY='"quoted').bucket

    assert bucket == Bucket("acme-mails", "desk/one", "https://s3.acme.test", "eu-central-1", "AKIA", '"quoted')
    assert "quoted" not in repr(bucket)


@pytest.mark.parametrize("url", ["s3:bucket", "http://x/bucket", "s3://ab", "s3://Acme-Mails", "s3://bucket/a b", 7])
def test_a_bucket_has_the_name_of_a_bucket(problems: Find, url: object) -> None:
    value = url if isinstance(url, int) else f'"{url}"'

    (problem,) = problems(f"[storage]\nurl = {value}")

    assert "storage.url: must be" in problem


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('url = "s3://acme"\naccess_key = "a"', "storage.access_key: needs secret_key beside it"),
        ('url = "s3://acme"\nsecret_key = "a"', "storage.secret_key: needs access_key beside it"),
        ('region = "eu"', 'storage.region: means nothing without url = "s3://bucket"'),
    ],
)
def test_what_does_not_fit_together_is_said(problems: Find, more: str, words: str) -> None:
    assert any(words in problem for problem in problems(f"[storage]\n{more}"))
