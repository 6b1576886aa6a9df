"""The sample lake's tables, one module for each area of the business."""
