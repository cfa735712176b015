package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.evaluate.federation.document.Yaml.Entry;
import dev.tokenbroker.evaluate.federation.document.Yaml.Mapping;
import dev.tokenbroker.evaluate.federation.document.Yaml.Scalar;
import dev.tokenbroker.evaluate.federation.document.Yaml.Sequence;
import dev.tokenbroker.issue.sts.ClientAuthentication;
import dev.tokenbroker.issue.sts.RequestEncoding;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.issue.sts.UpstreamGrant;
import dev.tokenbroker.judge.policy.AwsSession;
import dev.tokenbroker.judge.policy.Presentation;
import dev.tokenbroker.judge.policy.Supply;
import dev.tokenbroker.judge.policy.WholeValue;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the role of AWS whose credentials a target gives: {@code aws}. */
final class AwsField {

  private static final String KEY = "aws";
  private static final String REGION = "region";
  private static final String ENDPOINT = "endpoint";
  private static final String POLICY = "policy";
  private static final String AUDIENCE = "audience";
  private static final String DEFAULT_AUDIENCE = "sts.amazonaws.com";
  private static final String DEFAULT_NAME = "${subject}";
  private static final Shape POLICY_ARN = Shape.FEDERATION.at("targets").at(KEY).at(POLICY);

  private final Addresses addresses;
  private final PresentField presentField;
  private final Problems problems;

  /** A target of AWS: the source of its tokens, and the STS as an upstream. */
  record AwsTarget(Supply.Aws supply, UpstreamDefinition upstream) {}

  AwsField(Addresses addresses, PresentField presentField, Problems problems) {
    this.addresses = addresses;
    this.presentField = presentField;
    this.problems = problems;
  }

  /** Null where absent, or where a problem was reported. */
  @Nullable AwsTarget read(Fields target, @Nullable String name) {
    int before = problems.reports();
    Fields fields = target.section(KEY);
    if (fields == null) {
      return null;
    }
    if (!fields.has("role")) {
      fields.lacks("role", "Give the ARN of the role.");
    }
    String role = fields.formed("role");
    URI endpoint = endpoint(fields, role);
    String session = Objects.requireNonNullElse(fields.formed("sessionName"), DEFAULT_NAME);
    Mapping document = fields.is(Mapping.class, POLICY) ? fields.mapping(POLICY) : null;
    List<String> arns = document == null ? arns(fields) : List.of();
    Duration duration =
        Objects.requireNonNullElse(
            fields.duration("duration", Supply.Aws.MIN_DURATION, Supply.Aws.MAX_DURATION),
            Supply.Aws.MAX_DURATION);
    Presentation.Minted presentation = presentation(fields);
    String tls = fields.formed("tls", Form.TLS);
    String json = document == null ? null : json(document);
    if (problems.reports() > before || role == null || endpoint == null || name == null) {
      return null;
    }
    return new AwsTarget(
        new Supply.Aws(name, role, session, arns, json, duration, presentation),
        new UpstreamDefinition(
            name,
            null,
            endpoint,
            Set.of(),
            UpstreamGrant.AWS,
            new ClientAuthentication.NoAuthentication(null),
            tls,
            RequestEncoding.FORM,
            null));
  }

  private @Nullable URI endpoint(Fields fields, @Nullable String role) {
    if (fields.has(REGION) == fields.has(ENDPOINT)) {
      problems.at(
          fields.place(),
          "'aws' needs either 'region' or 'endpoint'",
          "Give the region whose STS is to be asked; 'endpoint' is for a private address of it.");
      return null;
    }
    if (fields.has(ENDPOINT)) {
      Scalar endpoint = addresses.base(fields, ENDPOINT);
      return endpoint == null ? null : URI.create(endpoint.text());
    }
    String region = fields.formed(REGION);
    if (region == null) {
      return null;
    }
    if (role != null && !role.startsWith("arn:" + partition(region) + ":")) {
      fields.report(
          REGION,
          "the role is not of the partition of the region: " + partition(region),
          "Name a region of the role's partition; STS knows no role of another one.");
      return null;
    }
    String domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
    return URI.create("https://sts." + region + "." + domain + "/");
  }

  private static String partition(String region) {
    if (region.startsWith("cn-")) {
      return "aws-cn";
    }
    return region.startsWith("us-gov-") ? "aws-us-gov" : KEY;
  }

  private Presentation.Minted presentation(Fields fields) {
    String audience =
        Objects.requireNonNullElse(fields.formed(AUDIENCE, Form.AUDIENCE), DEFAULT_AUDIENCE);
    presentField.minted(audience, AUDIENCE, fields.placeOf(AUDIENCE));
    return new Presentation.Minted(
        audience,
        Presentation.Minted.DEFAULT_LIFETIME,
        TargetSection.algorithm(fields, "algorithm"));
  }

  private List<String> arns(Fields fields) {
    if (fields.isEmptyList(POLICY)) {
      fields.report(
          POLICY,
          "'policy' lists none",
          "Give policies, or remove the key: without it, a session may do all that the role may.");
    }
    List<Scalar> arns = fields.texts(POLICY);
    for (Scalar arn : arns) {
      if (!arn.text().matches(POLICY_ARN.keyword("pattern"))) {
        problems.at(
            arn.place(),
            "'" + arn.text() + "' is no ARN of a policy",
            POLICY_ARN.keyword("patternErrorMessage"));
      }
    }
    return arns.stream().map(Scalar::text).toList();
  }

  private @Nullable String json(Mapping document) {
    int before = problems.reports();
    Object members = value(document);
    if (problems.reports() > before) {
      return null;
    }
    String json = AwsSession.json(members);
    if (json.length() > AwsSession.MAX_POLICY_CHARS) {
      problems.at(
          document.place(),
          "the policy has %d characters, more than %d"
              .formatted(json.length(), AwsSession.MAX_POLICY_CHARS),
          "Shorten it, or name managed policies by their ARNs.");
    }
    return json;
  }

  /** Every scalar is a text: IAM takes "true" and "10" for a truth and a number. */
  private Object value(Yaml yaml) {
    return switch (yaml) {
      case Mapping(Map<String, Entry> entries, Place _) -> {
        Map<String, Object> members = new LinkedHashMap<>();
        entries.forEach(
            (name, entry) -> {
              if (WholeValue.of(name).isPresent() || WholeValue.isJoined(name)) {
                problems.at(
                    entry.key(), "a key of the policy is a value", "Use values as values only.");
              }
              members.put(name, value(entry.value()));
            });
        yield members;
      }
      case Sequence(List<Yaml> items, Place _) -> items.stream().map(this::value).toList();
      case Scalar scalar -> {
        if (scalar.isNull()) {
          problems.at(scalar.place(), "a value of the policy is empty", "Write it, or remove it.");
        } else if (WholeValue.isJoined(scalar.text())) {
          problems.at(
              scalar.place(),
              "a value of the policy holds a claim or the subject together with other text",
              "Let ${claims.NAME} or ${subject} be the whole text, or let a session tag carry the"
                  + " claim and use ${aws:PrincipalTag/NAME}.");
        }
        yield scalar.text();
      }
    };
  }
}
