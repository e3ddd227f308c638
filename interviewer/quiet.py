"""Keeps third-party libraries from calling home. Imported before anything else, and by nothing else twice.

onnxruntime sends telemetry unless the variable stands before its import;
Gradio unless it stands before a page is built; LangSmith traces when a shell
exports its switch. Transcripts are personal data, so all are shut here.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["ANONYMIZED_TELEMETRY"] = "False"
os.environ["LANGSMITH_TRACING"] = "false"
os.environ["LANGCHAIN_TRACING_V2"] = "false"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
