package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.Shape;
import java.util.List;

/**
 * The kinds of targets that a document may declare. A new kind is one more entry here.
 *
 * @param fields in the order in which messages name them
 * @param shape of the entries of {@code targets}
 */
record TargetKinds(List<TargetField> fields, Shape shape) {

  static final TargetKinds ALL =
      new TargetKinds(
          List.of(new MintField(), new ExchangeField(), new AwsField(), new GitHubField()),
          DocumentReader.SHAPE.at("targets"));
}
