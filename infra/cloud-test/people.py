"""Users of the stack's Cognito pool, who sign in as a browser does: by SRP, which is all that the client allows.

Roles are groups, and a seller's name is the attribute `custom:seller_id` (docs/adr/0007).
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timezone

# RFC 5054, 3072 bits: the group that Cognito uses.
N_HEX = (
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B"
    "302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE6"
    "49286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D"
    "670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718"
    "3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7D"
    "B3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF"
)
N = int(N_HEX, 16)
G = 2
PASSWORD = "Not-A-Secret-4711"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def padded(number: int) -> bytes:
    """Big-endian, and never negative to those who read a sign from the first bit."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def hashed(*parts: bytes) -> int:
    return int(hashlib.sha256(b"".join(parts)).hexdigest(), 16)


K = hashed(padded(N), padded(G))


class People:
    """Whoever is asked for is made on the first time."""

    def __init__(self, aws, pool: str, client: str):
        self.cognito, self.pool, self.client, self.known = aws.client("cognito-idp"), pool, client, set()

    def token(self, name: str, role: str, seller: str | None) -> str:
        """An ID token: access tokens do not tell the seller."""
        email = f"{name}@example.com"
        if email not in self.known:
            attributes = {"email": email, "email_verified": "true"} | ({"custom:seller_id": seller} if seller else {})
            who = {"UserPoolId": self.pool, "Username": email}
            self.cognito.admin_create_user(
                **who, MessageAction="SUPPRESS",
                UserAttributes=[{"Name": key, "Value": value} for key, value in attributes.items()])
            self.cognito.admin_set_user_password(**who, Password=PASSWORD, Permanent=True)
            self.cognito.admin_add_user_to_group(**who, GroupName=role)
            self.known.add(email)
        return self.sign_in(email)

    def sign_in(self, email: str) -> str:
        small_a = secrets.randbelow(N - 2) + 1
        big_a = pow(G, small_a, N)
        asked = self.cognito.initiate_auth(
            ClientId=self.client, AuthFlow="USER_SRP_AUTH",
            AuthParameters={"USERNAME": email, "SRP_A": f"{big_a:x}"})
        challenge = asked["ChallengeParameters"]
        user, big_b = challenge["USER_ID_FOR_SRP"], int(challenge["SRP_B"], 16)
        u = hashed(padded(big_a), padded(big_b))
        pool = self.pool.split("_", 1)[1]
        x = hashed(padded(int(challenge["SALT"], 16)), hashlib.sha256(f"{pool}{user}:{PASSWORD}".encode()).digest())
        shared = pow(big_b - K * pow(G, x, N), small_a + u * x, N)
        first = hmac.new(padded(u), padded(shared), hashlib.sha256).digest()
        key = hmac.new(first, b"Caldera Derived Key\x01", hashlib.sha256).digest()[:16]
        now = datetime.now(timezone.utc)
        stamp = f"{WEEKDAYS[now.weekday()]} {MONTHS[now.month - 1]} {now.day} {now:%H:%M:%S} UTC {now.year}"
        block = base64.b64decode(challenge["SECRET_BLOCK"])
        proof = hmac.new(key, f"{pool}{user}".encode() + block + stamp.encode(), hashlib.sha256).digest()
        answered = self.cognito.respond_to_auth_challenge(
            ClientId=self.client, ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses={
                "USERNAME": user, "TIMESTAMP": stamp, "PASSWORD_CLAIM_SECRET_BLOCK": challenge["SECRET_BLOCK"],
                "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(proof).decode()})
        return answered["AuthenticationResult"]["IdToken"]
