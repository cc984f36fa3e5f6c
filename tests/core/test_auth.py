"""Tests of `backend/core/auth.py`."""

import base64
import json
import re
import string
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jose import jwt

from backend.config import MIN_SECRET_LENGTH
from backend.core.auth import (
    MAX_TOKEN_LENGTH,
    Claims,
    TokenService,
    TokenType,
    hash_token,
    load_or_create_secret,
)
from backend.core.errors import NotAuthenticated

SECRET = "s" * 48
TOKENS = TokenService(SECRET)
USER = "6b0e2a55-0c0c-4f57-9a53-6a7a4e1d2f10"
SIGN_IN = "0d9f9b5e-3d0e-4c62-8f5e-1f2a3b4c5d6e"
MINE = Claims(USER, SIGN_IN, version=3)
CLAIMS = {
    "sub": USER,
    "sid": SIGN_IN,
    "ver": 3,
    "jti": "1",
    "type": "access",
    "exp": 9_999_999_999,  # not soon: a whole run may take longer than a token lasts
}


def sign(claims: dict[str, Any], **options: Any) -> str:
    return jwt.encode(claims, **{"key": SECRET, "algorithm": "HS256", **options})


def read(token: str) -> Claims:
    return TOKENS.read(TokenType.ACCESS, token)


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in CLAIMS.items() if key != name}


def unsigned() -> str:
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "none", "typ": "JWT"}, CLAIMS)
    )
    return f"{head}.{body}."


class TestAccessToken:
    def test_says_whose_it_is(self) -> None:
        assert read(TOKENS.create_access_token(MINE)) == MINE

    @pytest.mark.parametrize("version", [0, 2**31 - 1])
    def test_is_good_from_the_first_version_to_the_last_a_column_holds(self, version: int) -> None:
        claims = Claims(USER, SIGN_IN, version)
        assert read(TOKENS.create_access_token(claims)) == claims

    def test_may_be_as_long_as_the_limit_and_no_longer(self) -> None:
        # Three characters of an identifier become four of the token; the last ones vary.
        tokens = [sign({**CLAIMS, "jti": "x" * length}) for length in range(400, 700)]
        longest = max((t for t in tokens if len(t) <= MAX_TOKEN_LENGTH), key=len)
        too_long = min((t for t in tokens if len(t) > MAX_TOKEN_LENGTH), key=len)

        assert len(longest) == MAX_TOKEN_LENGTH
        assert read(longest) == MINE
        with pytest.raises(NotAuthenticated):
            read(too_long)

    def test_lasts_half_an_hour_and_a_sign_in_thirty_days_unless_told_otherwise(self) -> None:
        assert TOKENS.lifetime == timedelta(minutes=30)
        assert TOKENS.refresh_lifetime == timedelta(days=30)

    @pytest.mark.parametrize("kind", TokenType)
    @pytest.mark.parametrize("wanted", TokenType)
    def test_is_good_for_nothing_else(self, kind: TokenType, wanted: TokenType) -> None:
        token = TOKENS.create(kind, MINE, lifetime=timedelta(minutes=1))
        if kind is wanted:
            assert TOKENS.read(wanted, token.text) == MINE
            return
        with pytest.raises(NotAuthenticated):
            TOKENS.read(wanted, token.text)

    @pytest.mark.parametrize("lifetime", [timedelta(seconds=1), timedelta(days=30)])
    def test_says_since_when_and_until_when_it_is_good(self, lifetime: timedelta) -> None:
        token = TOKENS.create(TokenType.REFRESH, MINE, lifetime=lifetime)
        payload = jwt.get_unverified_claims(token.text)

        assert payload["exp"] - payload["iat"] == lifetime.total_seconds()
        assert payload["exp"] == int(token.expires_at.timestamp())
        assert abs(token.expires_at - lifetime - datetime.now(UTC)) < timedelta(minutes=1)
        assert token.expires_at.tzinfo is UTC

    def test_lasts_as_long_as_it_is_told(self) -> None:
        tokens = TokenService(SECRET, lifetime_minutes=7, refresh_days=3)
        payload = jwt.get_unverified_claims(tokens.create_access_token(MINE))

        assert payload["exp"] - payload["iat"] == 7 * 60
        assert tokens.refresh_lifetime == timedelta(days=3)

    def test_is_stored_as_a_hash_of_its_own(self) -> None:
        one, other = (
            TOKENS.create(TokenType.RESET, MINE, lifetime=timedelta(minutes=1)) for _ in "12"
        )

        assert one.hash == hash_token(one.text) != other.hash
        assert re.fullmatch("[0-9a-f]{64}", one.hash)

    def test_of_a_link_is_of_no_sign_in(self) -> None:
        link = Claims(USER, "", version=0)
        token = TOKENS.create(TokenType.CONFIRM, link, lifetime=timedelta(minutes=1))
        assert TOKENS.read(TokenType.CONFIRM, token.text) == link

    def test_two_are_never_the_same(self) -> None:
        assert TOKENS.create_access_token(MINE) != TOKENS.create_access_token(MINE)

    @pytest.mark.parametrize(
        "token",
        [
            "",
            "x",
            "a.b.c",
            "...",
            "ü",
            "a" * 1_025,
            unsigned(),
            sign(CLAIMS, key="another secret"),
            sign(CLAIMS, algorithm="HS512"),
            sign({**CLAIMS, "exp": datetime.now(UTC) - timedelta(seconds=1)}),
            sign({**CLAIMS, "type": "refresh"}),
            sign({**CLAIMS, "sub": ""}),
            sign({**CLAIMS, "sub": "somebody"}),
            sign({**CLAIMS, "sub": 1}),
            sign({**CLAIMS, "sid": "somewhere"}),
            sign({**CLAIMS, "sid": None}),
            sign({**CLAIMS, "ver": "3"}),
            sign({**CLAIMS, "ver": True}),
            sign({**CLAIMS, "ver": -1}),
            sign({**CLAIMS, "ver": 2**31}),
            sign({**CLAIMS, "ver": 2**63}),
            sign({**CLAIMS, "jti": ["1"]}),
            sign({**CLAIMS, "exp": float("inf")}),
            sign(CLAIMS, headers={"crit": ["exp"]}),
            sign(CLAIMS, headers={"kid": "../../etc/passwd"}),
            *(sign(without(name)) for name in CLAIMS),
        ],
    )
    def test_any_flaw_is_the_same_refusal(self, token: str) -> None:
        with pytest.raises(NotAuthenticated) as failure:
            read(token)

        assert failure.value.detail == NotAuthenticated.default_detail

    def test_a_deeply_nested_one_is_refused(self) -> None:
        head = base64.urlsafe_b64encode(b'{"alg":"HS256"}').rstrip(b"=").decode()
        body = base64.urlsafe_b64encode(b"[" * 700).rstrip(b"=").decode()

        with pytest.raises(NotAuthenticated):
            read(f"{head}.{body}.x")

    @settings(deadline=None)  # the machine may be busy
    @given(st.integers(0, 250), st.characters(min_codepoint=0, max_codepoint=0x3000))
    def test_a_changed_character_is_refused(self, at: int, char: str) -> None:
        token = sign(CLAIMS)
        at %= len(token)
        changed = token[:at] + char + token[at + 1 :]
        if changed == token:
            return
        with pytest.raises(NotAuthenticated):
            read(changed)

    def test_has_one_spelling(self) -> None:
        token = TOKENS.create_access_token(MINE)
        alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
        same_bits = alphabet[alphabet.index(token[-1]) + 1]
        middle = len(token) - 9

        for other in (
            token[:-1] + same_bits,
            token + "=",
            token[:middle] + "$" + token[middle:],
            token[:middle] + "\n" + token[middle:],
        ):
            with pytest.raises(NotAuthenticated):
                read(other)


class TestDevelopmentSecret:
    def test_is_made_once_and_kept(self, tmp_path: Path) -> None:
        file = tmp_path / "au_guru.secret"

        first = load_or_create_secret(file)

        assert len(first) >= 48
        assert load_or_create_secret(file) == first
        assert file.stat().st_mode & 0o777 == 0o600
        assert list(tmp_path.iterdir()) == [file]

    def test_a_key_of_the_least_length_is_kept(self, tmp_path: Path) -> None:
        file = tmp_path / "au_guru.secret"
        file.write_text("k" * MIN_SECRET_LENGTH)

        assert load_or_create_secret(file) == "k" * MIN_SECRET_LENGTH

    @pytest.mark.parametrize("kept", ["", "k" * (MIN_SECRET_LENGTH - 1)])
    def test_an_empty_or_cut_off_file_is_no_key(self, tmp_path: Path, kept: str) -> None:
        file = tmp_path / "au_guru.secret"
        file.write_text(kept)

        made = load_or_create_secret(file)

        assert len(made) >= 48
        assert list(tmp_path.iterdir()) == [file]
        assert load_or_create_secret(file) == made

    def test_workers_that_start_at_once_agree(self, tmp_path: Path) -> None:
        with ThreadPoolExecutor(8) as pool:
            secrets = set(pool.map(load_or_create_secret, [tmp_path / "x.secret"] * 8))

        assert len(secrets) == 1
