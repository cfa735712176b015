package dev.tokenbroker.drill;

import dev.tokenbroker.judge.possession.TestProof;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Proofs of possession that are missing or wrong. */
final class ProofFaults {

  private static final String READ = "scopes: [read]";

  private ProofFaults() {}

  static List<Fault> all() {
    return List.of(
        Fault.of(
                "a credential bound to a key without its proof",
                CredentialFaults.with(
                    jwt ->
                        jwt.claim(
                            "cnf", Map.of("jkt", "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"))))
            .caller("CREDENTIAL_KEY_NOT_PROVED")
            .remedy("Send a DPoP proof"),
        Fault.of(
                "no certificate where tokens are bound to one",
                scene -> scene.target("lifetime: 5m, bind: certificate", "true", READ))
            .caller("CERTIFICATE_REQUIRED")
            .remedy("mutual TLS"),
        Fault.of(
                "no proof where tokens are bound to a key",
                scene -> scene.target("lifetime: 5m, bind: dpop", "true", READ))
            .caller("DPOP_PROOF_REQUIRED")
            .remedy("header DPoP"),
        proof("a proof with another typ", "DPOP_PROOF_INVALID", proof -> proof.header("typ", "JWT"))
            .told("typ"),
        proof(
                "a proof with a private key",
                "DPOP_PROOF_INVALID",
                proof -> proof.header("jwk", Map.of("kty", "oct", "k", "c2VjcmV0")))
            .hidden("c2VjcmV0"),
        proof(
                "a proof by a point of small order",
                "DPOP_PROOF_INVALID",
                proof ->
                    proof
                        .header("alg", "EdDSA")
                        .header("jwk", Map.of("kty", "OKP", "crv", "Ed25519", "x", "A".repeat(43))))
            .told("small order"),
        proof(
                "a proof for another method",
                "DPOP_PROOF_MISDIRECTED",
                proof -> proof.claim("htm", "GET"))
            .told("GET"),
        proof(
                "a proof for another address",
                "DPOP_PROOF_MISDIRECTED",
                proof -> proof.claim("htu", "https://other.example/token"))
            .told("https://other.example/token"),
        proof(
                "a proof of an hour ago",
                "DPOP_PROOF_OUT_OF_TIME",
                proof -> proof.claim("iat", Instant.now().minusSeconds(3600).getEpochSecond()))
            .remedy("compare the clocks"));
  }

  private static Fault proof(String name, String reason, UnaryOperator<TestProof> change) {
    return Fault.of(name, scene -> scene.proof(change)).caller(reason);
  }
}
