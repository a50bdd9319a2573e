"""The cellar: plumbing that knows no business."""
