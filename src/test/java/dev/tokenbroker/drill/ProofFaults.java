package dev.tokenbroker.drill;

import java.time.Instant;
import java.util.List;
import java.util.Map;

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
        Fault.of(
                "a proof with another typ",
                scene -> scene.proof(proof -> proof.header("typ", "JWT")))
            .caller("DPOP_PROOF_INVALID")
            .told("typ"),
        Fault.of(
                "a proof with a private key",
                scene ->
                    scene.proof(
                        proof -> proof.header("jwk", Map.of("kty", "oct", "k", "c2VjcmV0"))))
            .caller("DPOP_PROOF_INVALID")
            .hidden("c2VjcmV0"),
        Fault.of(
                "a proof by a point of small order",
                scene ->
                    scene.proof(
                        proof ->
                            proof
                                .header("alg", "EdDSA")
                                .header(
                                    "jwk",
                                    Map.of("kty", "OKP", "crv", "Ed25519", "x", "A".repeat(43)))))
            .caller("DPOP_PROOF_INVALID")
            .told("small order"),
        Fault.of(
                "a proof for another method",
                scene -> scene.proof(proof -> proof.claim("htm", "GET")))
            .caller("DPOP_PROOF_MISDIRECTED")
            .told("GET"),
        Fault.of(
                "a proof for another address",
                scene -> scene.proof(proof -> proof.claim("htu", "https://other.example/token")))
            .caller("DPOP_PROOF_MISDIRECTED")
            .told("https://other.example/token"),
        Fault.of(
                "a proof of an hour ago",
                scene ->
                    scene.proof(
                        proof ->
                            proof.claim("iat", Instant.now().minusSeconds(3600).getEpochSecond())))
            .caller("DPOP_PROOF_OUT_OF_TIME")
            .remedy("compare the clocks"));
  }
}
