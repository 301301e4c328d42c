"""Messages 4xx: encoders, shared or not, and balancing."""


class EncoderErrors:
    """Errors 4xx."""

    E401 = (
        "Invalid weight for a balancer: '{where}' is {weight}. Expected a finite number, 0.0 or more. "
        "Change it in the block [components.<encoder>.balancer] of the config."
    )
    E402 = (
        "A balancer would keep every gradient from the encoder: the weights {weights} with default {default} come to "
        "zero for {names}. Expected at least one weight above zero. To train heads over a fixed encoder, put the "
        "encoder in [training] frozen_components and annotating_components."
    )
    E403 = (
        "A balancer has weights for {unknown}, but no component of that name listens to the encoder. "
        "Expected names among {names}. Correct the names in the block [components.<encoder>.balancer] of the config."
    )
    E404 = (
        "The component '{name}' reported a gradient for a batch that is closed. Expected every report before the "
        "batch is closed: by the last listener's report, the next update, finish_update, the prediction of other "
        "Docs, or serialization. Call the component's update, and its backprop once, right after the encoder's update."
    )
    E405 = (
        "The component '{name}' reported a gradient whose shapes are not those of the vectors it was given. "
        "Expected one array a Doc: {expected}. Found: {found}. Correct the backprop of the component's model."
    )
    E406 = (
        "The layer '{layer}' keeps its parameters in a {framework}. Expected layers of thinc and of torch: a balancer "
        'with level = "parameters" needs the gradients of all parameters of the encoder. Set level = "representation".'
    )
    E407 = (
        "spacy-mtl.MultiHashEmbed.v1: word_dropout = {found} with attrs = {attrs}. Expected a probability from 0 to "
        "below 1 and, unless it is 0, one of the attributes that name a word: {expected}."
    )
    E408 = (
        "{name} needs PyTorch, which is not installed. Install it with: pip install 'spacy-mtl[torch]'. "
        "Or choose an encoder that does without, such as spacy.MaxoutWindowEncoder.v2."
    )
    E409 = (
        "{name}: {setting} = {found}. Expected {expected}. Change it in the block of the config whose "
        "@architectures is {name}."
    )
    E410 = (
        "{name}: the vectors it was given are {found} wide. Expected its own width, {expected}. "
        "Set the same width in the blocks [components.<encoder>.model.embed] and [components.<encoder>.model.encode]."
    )
    E411 = (
        "{name} needs spacy-transformers, which is not installed. Install it with: "
        "pip install 'spacy-mtl[transformers]'. Or choose an encoder that is trained from scratch."
    )
    E412 = (
        "The model '{name}' holds no transformer. Expected a layer of spacy-transformers in the block "
        "[components.<encoder>.model.transformer], such as spacy-transformers.Tok2VecTransformer.v3."
    )
    E413 = (
        "mixed_precision = true, but the transformer lies on the CPU. Train with --gpu-id 0 on a machine with a GPU "
        "that PyTorch can use, or set mixed_precision = false; what a CPU computes in is the setting `precision` of "
        "spacy-mtl.PretrainedEncoder.v1."
    )
    E414 = (
        "The pretrained model '{name}' cannot be loaded: {reason} Expected the name of a model on the hub, or a folder "
        "with config.json, the weights and the tokenizer's files. Check the path; where there is no network, name a "
        "folder and set HF_HUB_OFFLINE=1."
    )
    E415 = (
        "The tokenizer of '{name}' cannot be aligned with the pipeline's tokens: {found} of {total} have no wordpiece, "
        "such as {examples}. Choose a model for this language, or one with a fast tokenizer (tokenizer_config = "
        '{{"use_fast": true}}).'
    )
    E416 = (
        "The loss or the gradient of the component '{name}' was not finite in {batches} batches in a row, and "
        "{learner} learned nothing from it. Expected finite numbers. Lower the learning rate or warm it up, and check "
        "the component's training data and the vectors that it is given; the warnings W403 tell since when."
    )
    E420 = (
        "The balancer {balancer} needs {missing}, which is not installed, or not in a version that fits. "
        "Install it with: pip install 'spacy-mtl[{extra}]'. Or choose a balancer that does without, such as "
        "spacy-mtl.GradNorm.v1."
    )
    E421 = (
        "The balancer {balancer}: {setting} = {found}. Expected {expected}. "
        "Change it in the block [components.<encoder>.balancer] of the config."
    )
    E422 = (
        "The balancer {balancer}: level = '{level}'. Expected one of {expected}. "
        "Change it in the block [components.<encoder>.balancer] of the config."
    )
    E423 = (
        "The balancer {balancer} cannot go on from this state: expected the keys {expected}, found {found}. It was "
        "saved by another balancer: name that one in the block [components.<encoder>.balancer] of the config, or start "
        "from a pipeline that has not been trained."
    )
    E424 = (
        "The balancer {balancer} weighs tasks against each other: expected at least two components that listen to the "
        "encoder, found {names}. For one task choose the balancer spacy-mtl.Sum.v1."
    )
    E425 = (
        "The component '{name}' has an encoder with include_static_vectors = true, but the vocabulary has no vectors. "
        "Expected a table of vectors: name a pipeline that has one, or what `spacy init vectors` wrote, as "
        "[initialize] vectors in the config; or set include_static_vectors = false."
    )
    E430 = (
        "A worker process of nlp.pipe ended before it had annotated its texts, with exit code {code}. Expected it to "
        "last to the end of the texts; -9 most often means that memory ran out. Docs that were handed out are "
        "complete. Annotate the others with fewer processes (n_process) or smaller batches (batch_size)."
    )
    E431 = (
        "nlp.pipe: n_process = {found}. Expected the number of processes, 1 or more, or -1 for that of the processors."
    )
    E435 = (
        "The component '{name}': {setting} = {found}. Expected {expected}. Change it in the block [components.{name}] "
        "of the config."
    )
    E436 = (
        "The component '{name}' cannot be initialized: its layer '{layer}' was made with {dim} = {found}, and its "
        "labels need {expected}. Expected {dim} = null in the block of its model: then it is found out. A trained "
        "component keeps its labels: put a new one in its place, with nlp.replace_pipe, to train it on others."
    )
    E440 = (
        "The part `{part}` of spacy-mtl.{layer} {problem}. Expected `shared` to be a listener to the encoder of the "
        "pipeline, such as spacy.Tok2VecListener.v1, and what is a head's own to be an encoder, such as "
        "spacy.Tok2Vec.v2. Correct [components.NAME.model.tok2vec], or put an mtl_tok2vec before the head."
    )
    E441 = (
        "The saved model '{path}' cannot be read to its end. Expected what `to_disk` wrote, whole. Copy it again, or "
        "save the pipeline again."
    )
    E442 = (
        "There is no pretrained encoder to export: {where} of the pipeline holds one; it has {found}. Expected a "
        "transformer of spacy-transformers that is initialized, such as spacy-mtl.PretrainedEncoder.v1 in a trained "
        "mtl_tok2vec. Name another pipeline or component."
    )
    E443 = (
        "Several components have a pretrained encoder: {names}. Expected one to be named. Name it by --component, or "
        "as `component`."
    )
    E444 = (
        "spacy-mtl.LoRA.v1 trains by peft, which is not installed. Install it with: pip install 'spacy-mtl[lora]'; "
        "or set lora = null in the block of spacy-mtl.PretrainedEncoder.v1. A trained pipeline predicts without peft."
    )
    E445 = (
        "spacy-mtl.LoRA.v1: targets = {targets} names no layers of the transformer: {reason} Expected names of linear "
        'layers, or how they end, such as ["query", "value"]. Change it in [components.<encoder>.model.lora].'
    )
    E450 = (
        "A layer spacy-mtl.StackPropagation.v1 reads the component '{source}', and no pipeline has given it that "
        "component. Expected it before the reader in a pipeline that has a component of this package, such as "
        "mtl_tok2vec. Add it, or bring it along where the reader comes from another pipeline; or replace the layer by "
        "its `shared` part."
    )
    E451 = (
        "The component '{name}' reads the decisions of '{source}', but the pipeline has no such component. Expected "
        "one before '{name}' that has some: {expected}. Change `source` in [components.{name}.model.tok2vec], or add "
        "(do not exclude) '{source}': it may be disabled."
    )
    E452 = (
        "The component '{name}' reads the decisions of '{source}', which stands behind it: the pipeline is {order}. "
        "Expected it before '{name}'. Change the order in [nlp] pipeline."
    )
    E453 = (
        "The component '{source}' is read by another, but has no labels yet. Expected it to be initialized, or loaded, "
        "before the one that reads it. Initialize the whole pipeline, or add its labels first."
    )
    E454 = (
        "The component '{source}' has {found} decisions for each token, and the component that reads it was "
        "initialized with {expected}. Expected the labels to stay. Initialize and train both, or take both from one "
        "pipeline."
    )
    E455 = (
        "The component '{source}' is read by another, and listens to the encoder '{upstream}', which the reader does "
        "not hear (it hears {heard}). Expected both to listen to one encoder in training. Give the `shared` part of "
        "spacy-mtl.StackPropagation.v1 a listener to '{upstream}', or freeze the reader."
    )
    E456 = (
        "Components read each other in a circle: {circle}. Expected each to read only what stands before it. Replace "
        "one of the layers spacy-mtl.StackPropagation.v1 by its `shared` part."
    )
    E457 = (
        "The component '{name}' reads the decisions of '{source}', which has none that can be read. Expected "
        "mtl_textcat, mtl_ner, mtl_srl, a tagger, or a component with the methods `count_decisions` and "
        "`read_decisions`; before '{name}' there are {expected}. Change `source` in [components.{name}.model.tok2vec]."
    )
    E458 = (
        "--feed names '{found}'. Expected SOURCE:READER, two of the tasks in the order of the pipeline ({tasks}), each "
        "reader once, and a source whose decisions can be read ({readable}). Put the task that is read before the one "
        "that reads in --tasks."
    )
    E459 = (
        "Teachers have read other tokens of the text '{text}' than the component '{name}' does. Expected the tokens "
        "that the corpus reader gives. Leave its tokenization (`gold_tokens`) as it was, or let the teachers read "
        "again."
    )
    E460 = (
        "{layer} reads an encoder with {expected} columns or experts, but {found}. Expected the same number: that of "
        "the encoder's setting `experts` (spacy-mtl.Experts.v1) or `columns` (spacy-mtl.CrossStitch.v1). Correct "
        "[components.NAME.model.tok2vec], or the block of the encoder."
    )
    E461 = (
        "{layer}: its part `{part}` gives vectors {found} wide. Expected {expected}. Correct the widths in the block "
        "of that part."
    )
    E462 = (
        "--sharing {found} with --encoder pretrained: it would take a pretrained encoder for each column or expert. "
        "Expected --sharing hard; --private TASK bends what a task hears."
    )
    E463 = (
        "Columns or experts around a pretrained encoder: each would take a whole copy of '{layer}'. Expected one "
        "that is trained from scratch. Take the pretrained one as it is, and spacy-mtl.AdaptedListener.v1 for what a "
        "head has of its own."
    )
    E470 = (
        "Vectors cannot be learned: {problem}. Expected the library floret. Install it: pip install "
        '"spacy-mtl[vectors]".'
    )
    E471 = "Vectors cannot be learned with {setting} = {found}. Expected {expected}. Change the setting."
    E472 = (
        "Vectors cannot be learned: {problem} Expected words that occur {min_count} times or more; found {found}. Give "
        "more texts, or a lower --min-count."
    )


class EncoderWarnings:
    """Warnings 4xx."""

    W401 = (
        "The component '{name}' listens to '{encoder}' but has reported no gradient for {batches} batches in a row. "
        "Expected if it is frozen or disabled. Otherwise check that the training corpus annotates its task."
    )
    W402 = (
        "The component '{name}' listens to '{upstream}', but no component of the pipeline has that name: it would be "
        "given zeros. Expected the upstream of its listener to be '{encoder}', or '*' for any encoder. "
        "Change [components.{name}.model.tok2vec] in the config."
    )
    W403 = (
        "The loss or the gradient of the component '{name}' is not finite, or beyond 1e15: {learner} learns "
        "nothing from it in this batch. Lower the learning rate if it happens again."
    )
    W420 = (
        "The component '{name}' reports no loss, which the balancer {balancer} weighs tasks by: its gradient has the "
        "weight 1. Choose a balancer that needs no losses if its weight should be learned."
    )
    W421 = (
        "The balancer {balancer} found no weights for a batch ({reason}): the mean of the gradients is used. "
        "It is said once, and may happen again."
    )
    W422 = (
        "No component listens to the encoder '{name}': it learns nothing, and no prediction depends on it. Expected "
        "heads behind it in the pipeline whose model.tok2vec is a listener, such as spacy.Tok2VecListener.v1 with "
        "upstream = '{name}'; found {found}. Heads of spacy-mtl whose config does not set model.tok2vec listen by "
        "themselves."
    )
    W423 = (
        "A batch is dropped: the encoder '{name}' learns nothing from it, because {missing} reported no gradient: "
        "{reason}. Dropped is what was reported by {dropped}. Expected a batch to be complete before the pipeline "
        "predicts or is saved: update it with nlp.update."
    )
    W424 = (
        "These components do not read the vectors of the encoder '{encoder}', to which they listen: {heads}. It is "
        "disabled, missing, behind them, or another encoder comes in between. spaCy gives them zeros or the other's "
        "vectors, and what they predict means nothing. Expected it to be enabled and the last encoder before them. "
        "Where it is to be left out, give them a copy of it first (nlp.replace_listeners)."
    )
    W425 = (
        "The component '{name}' was trained with another encoder than the '{encoder}' that it listens to now, whose "
        "vectors mean something else to it. Expected a head with its own encoder. Take that one too, or have the head "
        "carry it (other.replace_listeners) before it is taken, or train the head on."
    )
    W432 = (
        "The components '{first}' and '{second}' both write to {place}: {lost}. Expected each to write what no other "
        "does. {advice}."
    )
    W450 = (
        "The component '{name}' and its teacher have not the same labels. What the teacher says of {theirs} is nothing "
        "to it; of {missing} it learns from gold alone. Labels are the same if they have the same name."
    )
    W440 = (
        'spacy-mtl.PretrainedEncoder.v1: precision = "bfloat16", but this processor is not faster at bfloat16 than at '
        'float32. Expected a processor that has it, such as one with AMX. Set precision = "auto" to use bfloat16 only '
        "where it is faster."
    )
    W441 = (
        "The transformer of the component '{name}' learns next to nothing in this training: it is frozen for "
        "{frozen} more updates, and [training] max_steps = {steps}. Expected fewer. Set frozen_steps of its "
        "model to {tenth}, or max_steps higher."
    )
