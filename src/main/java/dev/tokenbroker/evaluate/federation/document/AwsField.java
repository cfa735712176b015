package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Shape;
import dev.tokenbroker.base.yaml.Yaml;
import dev.tokenbroker.base.yaml.Yaml.Entry;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.base.yaml.Yaml.Sequence;
import dev.tokenbroker.issue.aws.AwsKind;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.judge.expression.WholeValue;
import dev.tokenbroker.judge.target.AwsRole;
import dev.tokenbroker.judge.target.AwsSession;
import dev.tokenbroker.judge.target.Presentation;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads the role of AWS whose credentials a target gives: {@code aws}. */
final class AwsField implements TargetField {

  private static final String KEY = "aws";
  private static final String REGION = "region";
  private static final String ENDPOINT = "endpoint";
  private static final String POLICY = "policy";
  private static final String AUDIENCE = "audience";
  private static final String DEFAULT_AUDIENCE = "sts.amazonaws.com";
  private static final String DEFAULT_NAME = "${subject}";
  private static final Shape POLICY_ARN = DocumentReader.SHAPE.at("targets").at(KEY).at(POLICY);

  /** A session of a role has no scopes. */
  private static final RuleKeys RULES =
      (rule, audience) -> {
        if (rule.has("scopes")) {
          rule.report(
              "scopes",
              "'scopes' has no effect, since the tokens for " + audience + " have none",
              "Remove it; the role, and 'policy' of the target, say what may be done.");
        }
        return Form.scopes(rule);
      };

  @Override
  public String key() {
    return KEY;
  }

  @Override
  public @Nullable DeclaredTarget read(Fields fields, @Nullable String name, Reading reading) {
    int before = reading.problems().reports();
    if (!fields.has("role")) {
      fields.lacks("role", "Give the ARN of the role.");
    }
    String role = fields.formed("role");
    URI endpoint = endpoint(fields, role, reading);
    String session = Objects.requireNonNullElse(fields.formed("sessionName"), DEFAULT_NAME);
    Mapping document = fields.is(Mapping.class, POLICY) ? fields.mapping(POLICY) : null;
    List<String> arns = document == null ? arns(fields) : List.of();
    Duration duration =
        Objects.requireNonNullElse(
            fields.duration("duration", AwsRole.MIN_DURATION, AwsRole.MAX_DURATION),
            AwsRole.MAX_DURATION);
    Presentation.Minted presentation = presentation(fields, reading);
    String tls = Form.TLS.of(fields, "tls");
    String json = document == null ? null : json(document, reading.problems());
    if (reading.problems().reports() > before || role == null || endpoint == null || name == null) {
      return null;
    }
    return new DeclaredTarget(
        this,
        new AwsRole(name, role, session, arns, json, duration, presentation),
        UpstreamDefinition.ofTarget(name, endpoint, new AwsKind(), tls),
        RULES);
  }

  private static @Nullable URI endpoint(Fields fields, @Nullable String role, Reading reading) {
    if (fields.has(REGION) == fields.has(ENDPOINT)) {
      reading
          .problems()
          .at(
              fields.place(),
              "'aws' needs either 'region' or 'endpoint'",
              "Give the region whose STS is to be asked; 'endpoint' is for a private address of it.");
      return null;
    }
    if (fields.has(ENDPOINT)) {
      Scalar endpoint = reading.upstreams().addresses().base(fields, ENDPOINT);
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

  private static Presentation.Minted presentation(Fields fields, Reading reading) {
    String audience =
        Objects.requireNonNullElse(Form.AUDIENCE.of(fields, AUDIENCE), DEFAULT_AUDIENCE);
    reading.upstreams().presentField().minted(audience, AUDIENCE, fields.placeOf(AUDIENCE));
    return new Presentation.Minted(
        audience, Presentation.Minted.DEFAULT_LIFETIME, MintField.algorithm(fields, "algorithm"));
  }

  private static List<String> arns(Fields fields) {
    if (fields.isEmptyList(POLICY)) {
      fields.report(
          POLICY,
          "'policy' lists none",
          "Give policies, or remove the key: without it, a session may do all that the role may.");
    }
    List<Scalar> arns = fields.texts(POLICY);
    for (Scalar arn : arns) {
      if (!arn.text().matches(POLICY_ARN.keyword("pattern"))) {
        fields
            .problems()
            .at(
                arn.place(),
                "'" + arn.text() + "' is no ARN of a policy",
                POLICY_ARN.keyword("patternErrorMessage"));
      }
    }
    return arns.stream().map(Scalar::text).toList();
  }

  private static @Nullable String json(Mapping document, Problems problems) {
    int before = problems.reports();
    Object members = value(document, problems);
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
  private static Object value(Yaml yaml, Problems problems) {
    return switch (yaml) {
      case Mapping(Map<String, Entry> entries, Place _) -> {
        Map<String, Object> members = new LinkedHashMap<>();
        entries.forEach(
            (name, entry) -> {
              if (WholeValue.of(name).isPresent() || WholeValue.isJoined(name)) {
                problems.at(
                    entry.key(), "a key of the policy is a value", "Use values as values only.");
              }
              members.put(name, value(entry.value(), problems));
            });
        yield members;
      }
      case Sequence(List<Yaml> items, Place _) ->
          items.stream().map(item -> value(item, problems)).toList();
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
